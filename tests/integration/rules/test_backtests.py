"""Backtests by REST: a rule set on the events that the log still has, beside the live stage."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shared.settings import Settings
from tests.integration.rules.test_rule_sets import OWN, TEXT, published, until
from tests.integration.rules.test_rules import LURE, client, flagged, key_of, publish, said

__all__ = ["client"]

OVER_GROUPS = """\
name: own
extends: default
windows:
  - {name: groups_1m, span: 1m, of: [message], by: [tenant, member], unique: group}
rules:
  - name: everywhere
    label: advertising
    weight: 0.9
    when: window.groups_1m >= 20
    because: one message in each of very many groups
"""

BEGIN, END = 1_700_000_000, 1_700_010_000


def moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


async def done(client: httpx.AsyncClient, **wanted: Any) -> dict[str, Any]:
    """Ask for a backtest, and return it when it has ended."""
    body = {"from": moment(BEGIN), "to": moment(END), **wanted}
    asked = await client.post("/v1/backtests", json=body)
    assert asked.status_code == 202, asked.text
    told: dict[str, Any] = {}

    async def ended() -> bool:
        answer = await client.get(f"/v1/backtests/{asked.json()['id']}")
        told.update(answer.raise_for_status().json())
        return told["state"] in ("done", "failed")

    await until(ended)
    return told


async def test_a_backtest_tells_what_a_candidate_would_have_said(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    events = [said(n, TEXT if n % 2 else "大家早上好", group=f"g{n % 5}") for n in range(40)]
    events += [said(100 + n, TEXT, tenant="other") for n in range(10)]
    events += [said(200, LURE, group="g1")]
    await publish(settings, events)
    await flagged(client, 1)
    told = await done(client, source=OWN)
    report = told["report"]
    assert (told["state"], told["progress"]) == ("done", 1.0)
    assert report["events"] == told["events"] == 41, "another tenant's are not among them"
    assert report["changes"] == {"allow→delete": 20}
    assert report["rules"]["durian"] == {"settled": 0, "candidate": 20}
    assert (report["comparison"]["both"], report["comparison"]["only_candidate"]) == (1, 20)
    assert len((await client.get("/v1/flags")).json()["items"]) == 1, "nothing came of it"

    version = await published(client, OWN)
    some = await done(client, version=version, groups=["g1"])
    assert some["version"] == told["version"] == version
    assert some["report"]["events"] == 9
    late = await done(client, source=OWN, **{"from": moment(BEGIN + 20)})
    assert late["report"]["events"] + late["report"]["warmed_up_with"] == 41
    assert late["report"]["warmed_up_with"] == 20
    listed = (await client.get("/v1/backtests")).json()["items"]
    assert [each["id"] for each in listed] == [late["id"], some["id"], told["id"]]
    other = await key_of(settings, "other")
    assert (await client.get("/v1/backtests", headers=other)).json()["items"] == []


async def test_windows_over_the_tenant_count_all_partitions_in_the_order_of_time(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    posts = [said(n, "看看这个", group=f"g{n}", member="walker") for n in range(24)]
    await publish(settings, posts)
    found = await done(client, source=OVER_GROUPS)
    assert found["report"]["changes"] == {"allow→delete": 5}
    changed = [each["event"] for each in found["report"]["changed"]]
    assert changed == [f"e{n}" for n in range(19, 24)]
    one = (await done(client, source=OVER_GROUPS, groups=["g20"]))["report"]
    assert (one["events"], one["changes"]) == (1, {"allow→delete": 1}), "others' groups count too"


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({}, "/version"),
        ({"source": OWN, "version": "own@1"}, "/version"),
        ({"source": OWN, "to": moment(BEGIN)}, "/to"),
        ({"source": "name: ["}, "/source"),
    ],
)
async def test_a_backtest_that_cannot_be_is_refused(
    client: httpx.AsyncClient, wanted: dict[str, Any], pointer: str
) -> None:
    body = {"from": moment(BEGIN), "to": moment(END), **wanted}
    answer = await client.post("/v1/backtests", json=body)
    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


async def test_an_unknown_version_is_not_there(client: httpx.AsyncClient) -> None:
    body = {"from": moment(BEGIN), "to": moment(END), "version": "own@1"}
    assert (await client.post("/v1/backtests", json=body)).status_code == 404
