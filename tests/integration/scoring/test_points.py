"""Points as a part of the service: earned through Kafka, spent, ranked and laid down by REST."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx

from services.scoring.points.account import Account
from services.scoring.points.documents import ACCOUNTS, document_id
from shared.events import CheckinMade, GroupId, MemberId, TenantId
from shared.mongo import connect
from shared.settings import Settings
from shared.stream.documents import to_bson
from tests.integration.scoring.test_scores import NOW, answer, client, publish, said

__all__ = ["client"]
DAY = 86_400_000


async def earned(client: httpx.AsyncClient, member: str, balance: int) -> None:
    for _ in range(900):
        found = await client.get(f"/v1/members/{member}/points")
        if found.status_code == 200 and found.json()["items"][0]["balance"] == balance:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{member} never had {balance}: {found.text}")


async def changed(client: httpx.AsyncClient, member: str, body: dict[str, Any]) -> httpx.Response:
    """Return what the owner decided, asking again for what is pending yet."""
    for _ in range(30):
        answer = await client.post(f"/v1/members/{member}/points/entries", json=body)
        if answer.status_code != 202:
            return answer
    raise AssertionError(f"never decided: {answer.text}")


def checkin(member: str) -> CheckinMade:
    return CheckinMade(
        id=f"c-{member}", source="test", tenant="acme", group="p1", member=member, time=NOW
    )


async def test_points_are_earned_spent_in_order_ranked_and_explained(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    talk = [said(n, ["amy", "bo"][n % 5 == 0], group="p1", time=NOW + n) for n in range(10)]
    await publish(settings, [*talk, checkin("amy")])
    await earned(client, "amy", 13)
    await earned(client, "bo", 2)
    path = "/v1/members/amy/points"
    bodies = [{"group": "p1", "entry": f"mug-{n}", "amount": -5} for n in range(4)]
    answers = await asyncio.gather(*(changed(client, "amy", body) for body in bodies))
    assert {each.status_code for each in answers} == {201}
    assert sorted(each.json()["state"] for each in answers) == ["accepted"] * 2 + ["refused"] * 2
    again = await client.post(f"{path}/entries", json=bodies[0])
    assert again.json() == answers[0].json()
    other = await client.post(f"{path}/entries", json={**bodies[0], "amount": 7})
    assert other.status_code == 409
    page = (await client.get(f"{path}/entries", params={"limit": 3})).json()
    rest = (await client.get(f"{path}/entries", params={"cursor": page["next"]})).json()
    assert len(page["items"]) + len(rest["items"]) == 4
    found = (await client.get(path, params={"explain": True})).json()["items"][0]
    assert (found["balance"], found["earned"], found["changed"], found["owed"]) == (3, 13, -10, 0)
    assert sum(line["points"] for line in found["explain"]) == 13
    asked = datetime.fromtimestamp(NOW / 1000 + 1, tz=UTC)  # the day may have turned since
    for window in ("day", "week", "month", "all"):
        params = {"window": window, "at": f"{asked:%Y-%m-%dT%H:%M:%SZ}", "explain": True}
        board = await client.get("/v1/groups/p1/points", params=params)
        ranked = [(one["member"], one["points"]) for one in board.json()["items"]]
        assert ranked == [("amy", 13), ("bo", 2)], window
        earned_by_line = [sum(e["points"] for e in one["explain"]) for one in board.json()["items"]]
        assert earned_by_line == [13, 2], window


async def test_who_has_points_is_known_though_the_scores_are_not_told_yet(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    account = Account(
        tenant=TenantId("acme"), group=GroupId("p3"), member=MemberId("amy"), total=9, changed=4
    )
    id = document_id("acme", "p3", "amy")
    async with connect(settings) as mongo:
        kept = mongo[settings.database][ACCOUNTS.name]
        await kept.insert_one(to_bson((ACCOUNTS, id), account, 0))
    assert (await client.get("/v1/members/amy")).status_code == 404
    assert (await client.get("/v1/members/amy/points/entries")).json()["items"] == []
    board = (await client.get("/v1/groups/p3/points")).json()["items"]
    assert [(each["member"], each["points"]) for each in board] == [("amy", 9)]
    spent = await changed(client, "amy", {"group": "p3", "entry": "mug", "amount": -5})
    assert (spent.status_code, spent.json()["balance"]) == (201, 8)
    elsewhere = {"group": "p4", "entry": "mug", "amount": 1}
    assert (await changed(client, "amy", elsewhere)).status_code == 404
    assert (await client.get("/v1/groups/p4/points")).status_code == 404


async def test_terms_are_laid_down_read_and_checked(client: httpx.AsyncClient) -> None:
    terms = (await client.get("/v1/points/terms")).json()
    assert terms["rules"]["checkin"] == {"points": 5, "daily_cap": 5}
    wanted = {**terms, "levels": [10, 20], "admission": {"level": 1, "purchase": True}}
    wanted["rules"] = {"checkin": {"points": 9, "daily_cap": 9}}
    assert (await client.put("/v1/points/terms", json=wanted)).json()["levels"] == [10, 20]
    read = (await client.get("/v1/points/terms")).json()
    assert read["levels"] == [10, 20]
    assert read["rules"] == terms["rules"], "other rules hold from tomorrow on"
    falling = await client.put("/v1/points/terms", json={**wanted, "levels": [20, 10]})
    assert falling.status_code == 422


async def test_admission_and_farewells_are_proposed(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    old = [said(n, "old", group="p2", time=NOW - 100 * DAY + n) for n in range(3)]
    await publish(settings, [*old, said(9, "new", group="p2", time=NOW)])
    await answer(client, "/v1/groups/p2", members=2)
    await answer(client, "/v1/members/new")
    farewells = (await client.get("/v1/groups/p2/farewells")).json()["items"]
    assert [(one["member"], one["because"]) for one in farewells] == [
        ("old", "silent for 100 days")
    ]
    wanted = (await client.get("/v1/points/terms")).json() | {"admission": {"points": 500}}
    await client.put("/v1/points/terms", json=wanted)
    found = (await client.get("/v1/members/new/admission")).json()
    assert found["admit"] is False
    assert [(one["name"], one["wanted"], one["met"]) for one in found["conditions"]] == [
        ("points", 500, False)
    ]
