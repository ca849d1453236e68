"""A text checked by REST as a message in a group would be judged."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.rules.trials import in_share
from tests.integration.rules.test_rule_sets import OWN, TEXT, judged_by, published, until
from tests.integration.rules.test_rules import client

__all__ = ["client"]

DIFFERENT = """\
overrides:
  - {groups: ["market-*"], disable: [durian]}
  - {groups: [soft], weights: {durian: 0.4}}
"""


async def test_a_check_in_a_group_tells_what_a_message_there_would_meet(
    client: httpx.AsyncClient,
) -> None:
    async def said(**more: Any) -> dict[str, Any]:
        answer = await client.post("/v1/check", json={"text": TEXT, **more})
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    version = await published(client, OWN + DIFFERENT)
    await client.post(f"/v1/rule-sets/{version}:activate")

    async def in_force() -> bool:
        return await judged_by(client) == version

    await until(in_force)
    told = [await said(**where) for where in ({}, {"group": "market-7"}, {"group": "soft"})]
    assert [each["decision"] for each in told] == ["delete", "allow", "watch"]
    assert [each["override"] for each in told] == [None, ["market-*"], ["soft"]]
    assert {each["rule_set"] for each in told} == {version}
    texts = [{"text": TEXT, "group": "market-7"}, {"text": TEXT}]
    batch = await client.post("/v1/check:batch", json={"texts": texts})
    assert batch.json()["results"] == [told[1], told[0]]
    draft = {"source": OWN + DIFFERENT, "text": TEXT, "group": "soft"}
    tried = (await client.post("/v1/rule-sets:check", json=draft)).raise_for_status().json()
    assert tried == told[2]

    candidate = await published(client, OWN.replace("0.8", "0.9"))
    await client.post(f"/v1/rule-sets/{candidate}:try", json={"mode": "canary", "share": 50})
    chosen = next(f"g{n}" for n in range(99) if in_share("acme", f"g{n}", candidate, 50))
    spared = next(f"g{n}" for n in range(99) if not in_share("acme", f"g{n}", candidate, 50))

    async def by_the_candidate() -> bool:
        return bool((await said(group=chosen))["rule_set"] == candidate)

    await until(by_the_candidate)
    assert (await said(group=spared))["rule_set"] == version
    assert (await said())["rule_set"] == version


@pytest.mark.parametrize(
    ("more", "field"),
    [({"group": ""}, "group"), ({"group": "g" * 201}, "group"), ({"member": {"age": -1}}, "age")],
)
async def test_a_group_or_writer_that_cannot_be_is_refused(
    client: httpx.AsyncClient, more: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/check", json={"text": TEXT, **more})
    assert answer.status_code == 422
    assert field in answer.json()["errors"][0]["pointer"]
