from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.events import TenantId
from shared.mongo import connect
from shared.settings import Settings
from shared.web.auth import Authenticator, Unauthorized
from shared.web.keys import ApiKeys
from shared.web.scopes import Scope


async def test_a_key_opens_its_tenant_until_it_expires_or_is_revoked(settings: Settings) -> None:
    async with connect(settings) as client:
        keys = ApiKeys(client[settings.database])
        now = datetime.now(UTC)
        good, kept = await keys.create(TenantId("acme"), "robot", now + timedelta(days=1))
        late, _ = await keys.create(TenantId("acme"), "late", now - timedelta(seconds=1))
        gone, revoked = await keys.create(TenantId("acme"), "gone")
        assert await keys.revoke(revoked.id)
        assert not await keys.revoke(revoked.id), "there is nothing left to revoke"

        authenticator = Authenticator(keys)
        assert (await authenticator.key(f"Bearer {good}", Scope.READ)).tenant == "acme"
        assert (await authenticator.key(f"bearer {good}", Scope.READ)).tenant == "acme"
        for secret in (late, gone, good[:-1]):
            with pytest.raises(Unauthorized):
                await authenticator.key(f"Bearer {secret}", Scope.READ)

        listed = await keys.of_tenant(TenantId("acme"))
        assert [key.name for key in listed] == ["robot", "late", "gone"]
        assert listed[0].last_four == good[-4:]
        assert listed[0].id == kept.id
        assert await keys.count(TenantId("acme")) == 1, "expired and revoked keys count no more"


async def test_no_key_is_kept_readable(settings: Settings) -> None:
    async with connect(settings) as client:
        secret, _ = await ApiKeys(client[settings.database]).create(TenantId("acme"))
        document = await client[settings.database]["api_keys"].find_one({})
        assert secret not in str(document)
