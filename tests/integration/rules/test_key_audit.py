"""What is done to API keys, by whomever, comes into the audit log once."""

from __future__ import annotations

from datetime import timedelta

import httpx

from services.ingest.key_log.store import KeyLogStore
from services.ingest.key_log.telling import KeyAudit
from shared.events import TenantId
from shared.mongo import connect
from shared.settings import Settings
from shared.stream.writer import RecordWriter
from shared.web.keys import ApiKeys
from tests.integration.rules.test_review import listed
from tests.integration.rules.test_rules import client

__all__ = ["client"]


async def test_making_rotating_and_revoking_a_key_is_audited_and_shows_no_secret(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    writer = RecordWriter(settings)
    async with connect(settings) as mongo:
        database = mongo[settings.database]
        keys = ApiKeys(database)
        secret, key = await keys.create(TenantId("acme"), "chat platform", by="key_admin")
        await keys.create(TenantId("other"))
        await KeyAudit(KeyLogStore(database), writer).look()
        rotated = await keys.rotate(key.id, timedelta(0), by="key_admin")
        assert rotated is not None
        assert await keys.revoke(key.id, by="key_admin")
        for _ in range(2):  # another replica, which tells the first line again
            await KeyAudit(KeyLogStore(database), writer).look()
    await writer.stop()
    log = await listed(client, "audit", 3, subject=key.id)
    assert [entry["what"] for entry in reversed(log)] == [
        "key.created", "key.rotated", "key.revoked",
    ]  # fmt: skip
    assert {entry["by"] for entry in log} == {"key_admin"}
    everything = (await client.get("/v1/audit")).text
    assert secret not in everything
    assert rotated[0] not in everything
    verification = (await client.get("/v1/audit/verification")).json()
    own = 1  # the key that this test asks with
    assert (verification["holds"], verification["entries"]) == (True, 3 + own)
