"""What names an erased member is found in MongoDB and forgotten, but evidence that has to stay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from services.rules.erasure.forgetting import ERASURES, FindTraces
from services.rules.erasure.store import TraceStore
from shared.events import ReportFiled
from shared.members import MemberErased, pseudonym
from shared.mongo import Database
from shared.reviews import IncidentForgets, ReviewStep
from shared.stream.contracts import Due, Outcome, Perform
from shared.stream.documents import to_bson
from shared.stream.memory import fold
from shared.topics import Topic
from steward.stack import Addresses
from tests.integration.conftest import settings_for
from tests.unit.rules.judging import START, event, flags, message, records
from tests.unit.rules.review.reviewing import ReviewedWorld
from tests.unit.rules.review.test_incidents import QUIET

MEMBER = "erika.m"
ADVERT = "加.薇.信 abcd8899 领红包"
GAMBLING = "澳门赌场上线 百家乐 首存送88 加微信 wxyz7766"
WORDS = (MEMBER, "abcd8899", "这是误会")
NOW = START + 10_000_000


@pytest.fixture
async def database(stack: Addresses) -> AsyncIterator[Database]:
    """A database of the test's own."""
    settings = settings_for(stack)
    async with AsyncMongoClient[dict[str, Any]](settings.mongo.get_secret_value()) as client:
        yield client[settings.database]
        await client.drop_database(settings.database)


async def write(database: Database, world: ReviewedWorld) -> None:
    """Have MongoDB keep what the stage keeps, as the runtime writes it."""
    for name in {kind.name for kind, _ in world.documents.by_key}:
        await database[name].delete_many({})
    for key, document in world.documents.by_key.items():
        await database[key[0].name].insert_one(to_bson(key, document, 0))


async def traces(database: Database) -> set[str]:
    """Return the collections, but for the audit log, that name the member or hold their words."""
    return {
        name
        for name in await database.list_collection_names()
        if name != "audit"
        async for raw in database[name].find()
        if any(word in repr(raw) for word in WORDS)
    }


def happened() -> ReviewedWorld:
    """A world in which a member is in every collection that rules keep of members."""
    world = ReviewedWorld()
    (lure,) = flags(world.see(message(ADVERT, 1, member=MEMBER)))
    world.decide(lure, ReviewStep.APPEALED, note="这是误会")
    world.see(message(ADVERT.replace("abcd8899", "zzzz1122"), 2, member="bo", mentions=[MEMBER]))
    world.see(message("你说什么呢", 3, member="cy"))
    world.see(event(ReportFiled, 4, member=MEMBER, message="msg-3", author="cy"))
    for number in range(5, 9):
        group = f"g{number - 4}"
        world.see(message(QUIET, number, group=group, member=MEMBER if group == "g1" else "dan"))
    world.see(message(GAMBLING, 10, group="g8", member="gambler.g"))
    return world


async def erase(database: Database, world: ReviewedWorld, member: str, group: str) -> FindTraces:
    """Have a member of a group forgotten, up to the end of the first search."""
    request = MemberErased(id=f"e-{member}", tenant="acme", group=group, member=member, time=NOW)  # type: ignore[arg-type]
    world.fold(Topic.MEMBERS, request)
    await write(database, world)
    (id,) = [
        id
        for (kind, id), one in world.documents.by_key.items()
        if kind is ERASURES and one.member == member
    ]
    due = Due(ERASURES, id, world.documents.by_key[ERASURES, id], NOW)  # type: ignore[arg-type]
    (asked,) = fold(world.stage, [due], world.documents)
    assert isinstance(asked, Perform)
    found = await TraceStore(database).perform(asked.task)
    outputs = fold(world.stage, [Outcome(asked.task, found, NOW)], world.documents)  # type: ignore[arg-type]
    for one in records(outputs, IncidentForgets):
        world.fold(Topic.REVIEWS, one)
    await write(database, world)
    task: FindTraces = asked.task
    return task


@pytest.mark.parametrize(("room", "copies_in"), [(1_000, "incidents"), (0, "incident_copies")])
async def test_an_erased_member_is_named_in_evidence_that_stays_and_nowhere_else(
    database: Database, room: int, copies_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.rules.review.incident.MOST_COPIES", room)
    monkeypatch.setattr("services.rules.review.incidents.MOST_COPIES", room)
    world = happened()
    changed = [{"group": "g1", "member": MEMBER}, {"group": "g1", "member": "bo"}]
    backtest = {"_id": "b1", "tenant": "acme", "report": {"changed": changed}}
    await database["backtests"].insert_one(backtest)
    await write(database, world)
    stores = {"flags", "cases", "member_records", copies_in, "backtests"}
    assert await traces(database) == stores

    task = await erase(database, world, MEMBER, "g1")
    assert await traces(database) == {"rule_erasures"}
    again = await TraceStore(database).perform(task)
    assert again is not None
    assert (again.flags, again.cases, again.trials, again.incidents) == ([], [], [], [])
    told = await database["backtests"].find_one({"_id": "b1"})
    assert told is not None
    names = [each["member"] for each in told["report"]["changed"]]
    assert names == [pseudonym("acme", MEMBER), "bo"]

    await erase(database, world, "gambler.g", "g8")
    kept = await database["flags"].find_one({"labels": "gambling"})
    assert kept is not None
    assert (kept["member"], kept["flag"]["event"]["text"]) == ("gambler.g", GAMBLING)


async def test_another_group_s_and_another_tenant_s_members_are_not_found(
    database: Database,
) -> None:
    world = happened()
    await write(database, world)
    for tenant, group in (("acme", "g9"), ("other", "g1")):
        task = FindTraces("e", tenant, group, MEMBER, NOW)  # type: ignore[arg-type]
        found = await TraceStore(database).perform(task)
        assert found is not None
        assert (found.flags, found.cases, found.incidents) == ([], [], [])
