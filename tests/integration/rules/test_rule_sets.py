"""Rule sets by REST: published, put in force in every replica, rolled back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import time
from typing import Any

import httpx
import pytest

from services.rules.pack import default_pack
from services.rules.review.asking import Asking
from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.in_force import InForce
from services.rules.rule_sets.rollback import Rollback
from services.rules.rule_sets.store import RuleSetStore, TrialStore
from shared.mongo import connect
from shared.settings import Settings
from shared.stream.writer import RecordWriter
from tests.integration.rules.test_rules import LURE, client, key_of, publish, running, said

__all__ = ["client"]

OWN = """\
name: own
extends: default
rules:
  - name: durian
    label: advertising
    weight: 0.8
    when: text.chinese >= 2 && text.money > 0 && text.length < 40
    because: sells durians
"""
UNKNOWN = "there is no `text.mony`; is `text.money` meant?"
TEXT = "榴莲 300元"


async def published(client: httpx.AsyncClient, source: str) -> str:
    answer = await client.post("/v1/rule-sets", json={"source": source})
    assert answer.status_code == 201, answer.text
    version: str = answer.json()["version"]
    return version


async def until(there: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(900):
        if await there():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come in time")


async def judged_by(client: httpx.AsyncClient) -> str:
    answer = await client.post("/v1/check", json={"text": TEXT})
    version: str = answer.raise_for_status().json()["rule_set"]
    return version


async def test_a_version_is_published_activated_and_rolled_back(client: httpx.AsyncClient) -> None:
    shipped = await judged_by(client)
    first = await published(client, OWN)
    assert await published(client, OWN) == first, "the same source is the same version"
    second = await published(client, OWN.replace("0.8", "0.9"))
    listed = (await client.get("/v1/rule-sets")).json()["items"]
    assert [each["version"] for each in listed] == [second, first]
    assert await judged_by(client) == shipped, "publishing puts nothing in force"

    for version in (first, second):
        answer = await client.post(f"/v1/rule-sets/{version}:activate")
        assert answer.json()["active"] == version
        await until(lambda version=version: _is(client, version))
    current = (await client.get("/v1/rule-sets/current")).json()
    assert (current["version"], current["source"]) == (second, OWN.replace("0.8", "0.9"))
    assert current == (await client.get(f"/v1/rule-sets/{second}")).json()
    assert len(current["rules"]) > 50

    assert (await client.post("/v1/rule-sets:rollback")).json()["active"] == first
    await until(lambda: _is(client, first))
    assert (await client.delete("/v1/rule-sets/current")).status_code == 204
    await until(lambda: _is(client, shipped))
    told = (await client.get("/v1/rule-sets/deployment")).json()
    assert told["active"] is None
    whys = [change["why"] for change in told["changes"]]
    assert whys == ["activated", "activated", "rolled back", "reset"]


async def test_whatever_is_changed_is_in_the_audit_log_and_its_chain_holds(
    client: httpx.AsyncClient,
) -> None:
    version = await published(client, OWN)
    path = f"/v1/rule-sets/{version}"
    await client.post(f"{path}:try", json={"mode": "canary", "share": 10})
    await client.delete("/v1/rule-sets/trial")
    await client.post(f"{path}:activate")
    await client.post("/v1/rule-sets:rollback")
    await client.post(f"{path}:activate")
    await client.post(f"{path}:activate")
    await client.delete("/v1/rule-sets/current")
    await until(lambda: _noted(client, "rule_set.reset", "shipped"))
    log = (await client.get("/v1/audit")).json()["items"]
    assert [entry["what"] for entry in reversed(log)] == [
        "rule_set.published", "trial.started", "trial.ended", "rule_set.activated",
        "rule_set.rolled_back", "rule_set.activated", "rule_set.reset",
    ]  # fmt: skip
    (started,) = [entry for entry in log if entry["what"] == "trial.started"]
    assert started["subject"] == version
    assert started["detail"] == {"mode": "canary", "share": "10"}
    verification = (await client.get("/v1/audit/verification")).json()
    assert (verification["holds"], verification["entries"]) == (True, 7)


async def _noted(client: httpx.AsyncClient, what: str, subject: str) -> bool:
    log = (await client.get("/v1/audit", params={"what": what})).json()["items"]
    return any(entry["subject"] == subject for entry in log)


async def _is(client: httpx.AsyncClient, version: str) -> bool:
    return await judged_by(client) == version


async def test_a_change_reaches_other_replicas_and_names_itself_in_flags(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    version = await published(client, OWN)
    async with running(settings) as other:
        await client.post(f"/v1/rule-sets/{version}:activate")
        await until(lambda: _is(other, version))
        await until(lambda: _is(client, version))
        events = [said(n, TEXT, group=f"g{n}") for n in range(8)]
        events += [said(20 + n, LURE, group=f"g{n}", tenant="other") for n in range(8)]
        await publish(settings, events)
        await until(lambda: _count(client, 8))
        items = (await client.get("/v1/flags")).json()["items"]
        assert {item["rule_set"] for item in items} == {version}
        client.headers.update(await key_of(settings, "other"))
        await until(lambda: _count(client, 8))
        others = (await client.get("/v1/flags")).json()["items"]
        assert {item["rule_set"].partition("@")[0] for item in others} == {"default"}


async def _count(client: httpx.AsyncClient, count: int) -> bool:
    return len((await client.get("/v1/flags")).json()["items"]) >= count


async def test_a_tenant_has_nothing_of_another_s_rule_sets(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    version = await published(client, OWN)
    other = await key_of(settings, "other")
    assert (await client.get("/v1/rule-sets", headers=other)).json()["items"] == []
    asked: list[tuple[str, str]] = [("GET", ""), ("POST", ":activate")]
    for method, what in asked:
        path = f"/v1/rule-sets/{version}{what}"
        assert (await client.request(method, path, headers=other)).status_code == 404


@pytest.mark.parametrize(
    ("source", "errors"),
    [
        (
            OWN.replace("text.money", "text.mony").replace("extends", "disable: [x]\nextends"),
            [
                {
                    "line": 8,
                    "column": 32,
                    "detail": "there is no `text.mony`; is `text.money` meant?",
                }
            ],
        ),
        ("a: [", [{"line": 2, "column": 1}]),
        (
            "name: x\nextends: default\nconditions: [{name: a, when: is.a}]",
            [{"line": 3, "column": 30}],
        ),
        ("x: &x [*x]", [{"line": 1, "column": 8, "detail": "aliases are not allowed"}]),
    ],
)
async def test_an_unusable_pack_is_refused_with_line_and_column(
    client: httpx.AsyncClient, source: str, errors: list[dict[str, Any]]
) -> None:
    answer = await client.post("/v1/rule-sets", json={"source": source})
    assert answer.status_code == 422
    told = answer.json()
    assert told["type"] == "urn:steward:problem:unusable-rule-set"
    assert len(told["errors"]) == len(errors)
    for found, expected in zip(told["errors"], errors, strict=True):
        assert found["pointer"] == "/source"
        assert expected.items() <= found.items()


async def test_a_canary_that_is_disputed_too_often_is_rolled_back(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    version = await published(client, OWN)
    path = f"/v1/rule-sets/{version}"
    wanted = {"mode": "canary", "share": 100, "least_actions": 4, "most_disputed": 50}
    answer = await client.post(f"{path}:try", json=wanted)
    assert answer.json()["trial"]["version"] == version
    assert answer.json()["active"] is None
    await asyncio.sleep(2)
    now = int(time() * 1000)
    await publish(settings, [said(n, TEXT, time=now + n) for n in range(4)])
    await until(lambda: _count(client, 4))
    items = (await client.get("/v1/flags")).json()["items"]
    assert {item["rule_set"] for item in items} == {version}
    await until(lambda: _compares(client, path, {"only_candidate": 4, "both": 0}))

    async with connect(settings) as mongo:
        database = mongo[settings.database]
        catalog = Catalog(default_pack())
        rule_sets, trials = RuleSetStore(database), TrialStore(database)
        await InForce(rule_sets, catalog).refresh()
        writer = RecordWriter(settings)
        rollback = Rollback(catalog, rule_sets, trials, Asking(writer))
        for number, item in enumerate(items[:3]):
            await rollback.look()
            told = (await client.get("/v1/rule-sets/deployment")).json()
            assert told["trial"] is not None, f"{number} disputes of 4 are not too many"
            case = {"flag": item["id"], "state": "overturned", "tenant": "acme"}
            await database["cases"].insert_one(case)
        await rollback.look()
        await writer.stop()
    await until(lambda: _noted(client, "trial.rolled_back", version))
    told = (await client.get("/v1/rule-sets/deployment")).json()
    assert (told["trial"], told["active"]) == (None, None)
    assert told["changes"][-1]["why"] == "trial rolled back: disputed"
    compared = (await client.get(f"{path}/comparison")).json()
    assert compared["candidate_precision"] == 0.0
    assert len(compared["differences"]) == 4
    await until(lambda: _is_shipped(client))


async def test_a_canary_rule_that_is_disputed_too_often_goes_into_shadow(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    canary = "because: sells durians\n    mode: canary\n    share: 100\n    least_actions: 4\n"
    source = OWN.replace("because: sells durians\n", f"{canary}    most_disputed: 50\n")
    version = await published(client, source)
    await client.post(f"/v1/rule-sets/{version}:activate")
    await until(lambda: _is(client, version))
    now = int(time() * 1000)
    await publish(settings, [said(n, TEXT, time=now + n) for n in range(4)])
    await until(lambda: _count(client, 4))
    items = (await client.get("/v1/flags")).json()["items"]
    assert all("durian" in {hit["rule"] for hit in item["hits"]} for item in items)

    for number, item in enumerate(items[:3]):
        told = (await client.get("/v1/rule-sets/deployment")).json()
        assert told["withdrawn"] == [], f"{number} disputes of 4 are not too many"
        answer = await client.post(f"/v1/flags/{item['id']}:appeal", json={"note": "不是广告"})
        assert answer.status_code == 202, answer.text
    await until(lambda: _noted(client, "rule.withdrawn", version))
    told = (await client.get("/v1/rule-sets/deployment")).json()
    assert (told["active"], told["withdrawn"]) == (version, ["durian"])
    assert told["changes"][-1]["rule"] == "durian"
    await until(lambda: _decides(client, "allow"))
    assert await judged_by(client) == version, "the other rules of the version stay in force"


async def _decides(client: httpx.AsyncClient, decision: str) -> bool:
    answer = await client.post("/v1/check", json={"text": TEXT})
    return bool(answer.json()["decision"] == decision)


async def _compares(client: httpx.AsyncClient, path: str, expected: dict[str, int]) -> bool:
    told = (await client.get(f"{path}/comparison")).raise_for_status().json()
    return expected.items() <= told.items()


async def _is_shipped(client: httpx.AsyncClient) -> bool:
    return (await judged_by(client)).startswith("default@")
