"""Reviews as a service: cases, appeals, incidents, trust and the audit log, through Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from shared.actions import Action
from shared.events import ReportFiled
from shared.mongo import connect
from shared.settings import Settings
from shared.topics import Topic
from shared.verdicts import Flag
from steward.commands import audit
from tests.integration.rules.test_rules import (
    LURE,
    QUIET,
    flagged,
    key_of,
    publish,
    read,
    running,
    said,
)
from tests.unit.rules.judging import by_newcomers


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings) as client:
        yield client


async def until(client: httpx.AsyncClient, path: str, **wanted: Any) -> dict[str, Any]:
    """Return what is at a path once it has these values."""
    last: Any = None
    for _ in range(900):
        answer = await client.get(f"/v1/{path}")
        last = answer.text
        if answer.status_code == 200:
            found: dict[str, Any] = answer.json()
            if all(found[name] == value for name, value in wanted.items()):
                return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"never {wanted}: {last}")


async def listed(client: httpx.AsyncClient, path: str, count: int, **params: Any) -> list[Any]:
    """Return a list once it has so many items."""
    last: Any = None
    for _ in range(900):
        answer = await client.get(f"/v1/{path}", params=params)
        last = answer.text
        if answer.status_code == 200 and len(answer.json()["items"]) >= count:
            items: list[Any] = answer.json()["items"]
            return items
        await asyncio.sleep(0.1)
    raise AssertionError(f"never {count} of {path}: {last}")


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/v1/{path}", json=body)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_case_goes_from_appeal_to_reversal_and_every_step_is_in_the_audit_log(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    await publish(settings, [said(1, LURE)])
    (flag,) = await flagged(client, 1)
    appealed = await post(client, f"flags/{flag['id']}:appeal", note="这是误会")
    path = f"cases/{appealed['case']}"
    case = await until(client, path, state="appealed")
    assert (case["reason"], case["flag"], case["text"]) == ("appealed", flag["id"], LURE)
    assert case["answer_until"] is not None
    again = await client.post(f"/v1/flags/{flag['id']}:appeal", json={})
    assert again.status_code == 409
    assert again.json()["detail"].startswith("An appeal was made already")

    assert [item["id"] for item in await listed(client, "cases", 1)] == [appealed["case"]]
    await post(client, f"{path}:assign", assignee="anna", moderator="lead")
    await until(client, path, assignee="anna")
    await post(client, f"{path}:overturn", moderator="anna", note="其实没问题")
    case = await until(client, path, state="overturned")
    assert [step["step"] for step in case["steps"]] == ["appealed", "assigned", "overturned"]
    assert case["in_force"] == []
    assert case["decided_by"] == "anna"
    assert (await client.get("/v1/cases")).json()["items"] == []
    assert len(await listed(client, "cases", 1, state="overturned")) == 1

    forward, back = await read(settings, Topic.FLAGS, Flag, 2)
    assert (back.reverses, back.event, back.spam) == (forward.id, forward.event, True)
    actions = await read(settings, Topic.ACTIONS, Action, 4)
    restore = next(action for action in actions if action.kind == "message.restore")
    delete = next(action for action in actions if action.kind == "message.delete")
    assert (restore.message, restore.details["reverses"]) == (delete.message, delete.id)

    log = await listed(client, "audit", 4, subject=appealed["case"])
    assert [entry["what"] for entry in reversed(log)] == [
        "case.opened", "case.appealed", "case.assigned", "case.overturned",
    ]  # fmt: skip
    assert log[0]["by"] == "anna"
    verification = (await client.get("/v1/audit/verification")).json()
    assert (verification["holds"], verification["entries"]) == (True, 4)
    bundle = (await client.get(f"/v1/flags/{flag['id']}/bundle")).json()
    assert bundle["hash"] == bundle["items"][-1]["hash"]
    precision = (await client.get("/v1/precision")).json()["rules"]
    assert {each["name"] for each in precision} == {hit["rule"] for hit in flag["hits"]}
    assert all((each["confirmed"], each["overturned"]) == (0, 1) for each in precision)


async def test_a_changed_entry_is_found_and_a_bundle_can_be_exported(
    settings: Settings,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    await publish(settings, [said(1, LURE)])
    (flag,) = await flagged(client, 1)
    opened = await post(client, f"flags/{flag['id']}:review", moderator="anna")
    await until(client, f"cases/{opened['case']}", state="open")
    monkeypatch.setattr(audit, "current_settings", lambda: settings)
    assert await command("verify") == (0, "acme: 1 entries in 1 chains: holds\n")
    file = tmp_path / "evidence.json"
    assert (await command("export", flag["id"], "--tenant", "acme", "--output", str(file)))[0] == 0
    assert (await command("verify", "--bundle", str(file)))[0] == 0
    file.write_text(file.read_text(encoding="utf-8").replace("领红包", "早上好"), encoding="utf-8")
    assert (await command("verify", "--bundle", str(file)))[0] == 1
    other = await command("export", flag["id"], "--tenant", "other", "--output", str(file))
    assert other[0] == 1
    async with connect(settings) as mongo:
        entries = mongo[settings.database]["audit"]
        await entries.update_one({"what": "case.opened"}, {"$set": {"by.name": "nobody"}})
    verification = (await client.get("/v1/audit/verification")).json()
    assert not verification["holds"]
    assert verification["faults"][0]["what"].startswith("was changed")
    code, told = await command("verify", "--tenant", "acme")
    assert code == 1
    assert "entry 1: was changed" in told


async def command(*arguments: str) -> tuple[int, str]:
    """Run `steward audit`; return its exit code and what it said."""
    result = await asyncio.to_thread(CliRunner().invoke, audit.app, list(arguments))
    return result.exit_code, result.stdout


async def test_an_incident_is_overturned_as_one_and_not_flagged_again(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    copies = [said(n, QUIET, group=f"group-{n}") for n in range(5)]
    await publish(settings, by_newcomers(*copies))
    await flagged(client, 5, label="campaign")
    (incident,) = await listed(client, "incidents", 1)
    await until(client, f"incidents/{incident['id']}", count=5)
    await post(client, f"incidents/{incident['id']}:overturn", moderator="anna")
    await until(client, f"incidents/{incident['id']}", state="overturned")
    cases = await listed(client, "cases", 5, state="overturned")
    assert {case["group"] for case in cases} == {f"group-{n}" for n in range(5)}
    records = await read(settings, Topic.FLAGS, Flag, 10)
    forward = {flag.id for flag in records if flag.reverses is None}
    assert {flag.reverses for flag in records if flag.reverses} == forward
    await asyncio.sleep(1.5)  # until the pardon is in force
    later = [said(n, QUIET, group=f"group-{n}") for n in range(10, 14)]
    await publish(settings, by_newcomers(*later))
    await publish(settings, [said(20, LURE)])
    await flagged(client, 1, label="contact_lure")
    assert len(await flagged(client, 5, label="campaign")) == 5


async def test_reports_are_cases_decided_in_bulk_and_their_precision_is_measured(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    talk = [said(n, "今天天气不错", member=f"m{n}") for n in range(3)]
    reports = [
        ReportFiled(
            id=f"r{n}",
            source="test",
            tenant=talk[n].tenant,
            group=talk[n].group,
            member="reporter",
            time=talk[n].time + 10_000,
            message=talk[n].message,
            author=talk[n].member,
        )
        for n in range(3)
    ]
    await publish(settings, [*talk, *reports])
    cases = await listed(client, "cases", 3, reason="reported")
    ids = [case["id"] for case in cases]
    answer = await client.post(
        "/v1/cases:bulk",
        json={"cases": [*ids[:2], "nothing"], "step": "confirmed", "decision": "delete"},
    )
    results = answer.json()["results"]
    assert [each["refused"] for each in results] == [None, None, "there is no such case"]
    await until(client, f"cases/{ids[0]}", state="confirmed")
    await until(client, f"cases/{ids[1]}", state="confirmed")
    await post(client, f"cases/{ids[2]}:overturn")
    await until(client, f"cases/{ids[2]}", state="overturned")
    (reporter,) = (await client.get("/v1/precision")).json()["reporters"]
    assert (reporter["name"], reporter["confirmed"], reporter["overturned"]) == ("reporter", 2, 1)
    params = {"state": "confirmed", "sort": "age", "limit": 1}
    first = (await client.get("/v1/cases", params=params)).json()
    second = (await client.get("/v1/cases", params={**params, "cursor": first["next"]})).json()
    paged = [*first["items"], *second["items"]]
    assert {case["id"] for case in paged} == set(ids[:2])
    assert paged[0]["opened_at"] <= paged[1]["opened_at"]
    spam = [flag for flag in await read(settings, Topic.FLAGS, Flag, 2) if flag.spam]
    assert {flag.rule_set for flag in spam} == {"moderator"}


async def test_nothing_is_done_against_a_trusted_member_until_the_trust_is_withdrawn(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    await client.put("/v1/trusted/m1", json={"note": "our own shop", "moderator": "anna"})
    (trusted,) = await listed(client, "trusted", 1)
    assert (trusted["member"], trusted["group"], trusted["by"]) == ("m1", None, "anna")
    await asyncio.sleep(1.5)
    await publish(settings, [said(1, LURE)])
    (flag,) = await flagged(client, 1)
    assert (flag["decision"], flag["spam"]) == ("watch", False)
    assert len(await listed(client, "cases", 1, reason="immune")) == 1
    assert (await client.delete("/v1/trusted/m2")).status_code == 404
    assert (await client.delete("/v1/trusted/m1")).status_code == 202
    await until(client, "trusted", items=[])
    await asyncio.sleep(1.5)  # until what the stage has read is a second old
    await publish(settings, [said(101, LURE, member="m1")])
    assert {flag["decision"] for flag in await flagged(client, 2)} == {"watch", "delete"}


async def test_decisions_teach_the_tenant_s_classifier_and_no_other_s(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    unwanted = [f"老铁支持一下灵兽山庄第{n}期，进去看看就知道" for n in range(40)]
    wanted = [f"求带深渊第{n}层，来个奶妈，会机制的" for n in range(40)]
    talk = [said(n, text, member=f"m{n}") for n, text in enumerate([*unwanted, *wanted])]
    reports = [
        ReportFiled(
            id=f"r{n}",
            source="test",
            tenant=one.tenant,
            group=one.group,
            member="reporter",
            time=one.time,
            message=one.message,
            author=one.member,
        )
        for n, one in enumerate(talk)
    ]
    pairs = [each for pair in zip(talk, reports, strict=True) for each in pair]
    await publish(settings, pairs)  # type: ignore[arg-type]
    cases = await listed(client, "cases", 80, reason="reported", limit=200)
    new = {"text": "支持一下灵兽山庄第99期，看看就知道"}
    assert (await client.post("/v1/check", json=new)).json()["decision"] == "allow"
    for step, start in (("confirmed", "老铁"), ("overturned", "求带")):
        ids = [case["id"] for case in cases if case["text"].startswith(start)]
        body = {"cases": ids, "step": step, "teaches": "content"}
        answer = await client.post("/v1/cases:bulk", json=body)
        assert not [each for each in answer.json()["results"] if each["refused"]]
    answered: dict[str, Any] = {}
    for _ in range(900):
        answered = (await client.post("/v1/check", json=new)).json()
        if answered["decision"] != "allow":
            break
        await asyncio.sleep(0.1)
    assert "moderators_would_act" in {hit["rule"] for hit in answered["hits"]}
    batch = await client.post("/v1/check:batch", json={"texts": [new, {"text": "你好"}]})
    decisions = [each["decision"] for each in batch.json()["results"]]
    assert (decisions[0] != "allow", decisions[1]) == (True, "allow")
    other = await key_of(settings, "other")
    assert (await client.post("/v1/check", json=new, headers=other)).json()["decision"] == "allow"


async def test_a_batch_of_texts_is_bounded(client: httpx.AsyncClient) -> None:
    many = await client.post("/v1/check:batch", json={"texts": [{"text": "x"}] * 101})
    long = await client.post("/v1/check:batch", json={"texts": [{"text": "x" * 20_000}] * 3})
    assert (many.status_code, long.status_code) == (422, 422)
    assert "50000 characters together" in long.text
