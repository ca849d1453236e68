"""Members in every order, page by page from an index of MongoDB."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest

from services.scoring.decay import UNIT
from services.scoring.member import Circle, Member
from services.scoring.ordering import MEMBER_KEYS, Order, orders
from services.scoring.score import Score
from services.scoring.stage import MEMBERS, member_id
from services.scoring.store import INDEXES, POINTS, ScoreStore
from services.scoring.told import Told
from shared.events import GroupId, MemberId, Role, TenantId
from shared.mongo import Database, connect
from shared.settings import Settings
from shared.stream.documents import to_bson

ACME = TenantId("acme")
GROUPS, MEMBERS_EACH, PAGE = 2, 60, 7
ROLES = [Role.MEMBER, Role.MEMBER, Role.OPERATOR, Role.BOT]


def known() -> list[Member]:
    """Members of whom many are alike in what they are sorted by."""
    return [
        Member(
            tenant=tenant,
            group=GroupId(f"g{group}"),
            member=MemberId(f"m{number:02}"),
            role=ROLES[number % 4],
            last_seen=1_000 + number * 7 % 5,
            counts={"messages": number % 3} if number % 3 else {},
            score=Score(own=[680, UNIT * (number % 6)]).ranked(0.0),
            told=Told(churn=number % 4 / 10, layer_place=number % 5 % 4),
        )
        for tenant in (ACME, TenantId("other"))
        for group in range(GROUPS)
        for number in range(MEMBERS_EACH)
    ]


def id_of(member: Member) -> str:
    return member_id(member.tenant, member.group, member.member)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    async with connect(settings) as client:
        database = client[settings.database]
        members = database[MEMBERS.name]
        await members.delete_many({})
        await members.create_indexes(list(dict(INDEXES)[MEMBERS.name]))
        await members.insert_many(
            [to_bson((MEMBERS, id_of(member)), member, 0) for member in known()]
        )
        yield database
        await members.delete_many({})


async def walked(
    store: ScoreStore, group: str | None, order: Order, circle: Circle | None
) -> list[str]:
    """Return the ids of all pages, one after the other."""
    ids: list[str] = []
    after = None
    while True:
        found = await store.members(ACME, group, order, circle, after, PAGE)
        ids += [id_of(member) for _, member in found]
        if len(found) < PAGE:
            return ids
        after = found[-1][0]


def expected(group: str | None, order: Order, circle: Circle | None) -> list[str]:
    key = MEMBER_KEYS[order.name]

    def value(member: Member) -> float:
        return 0 if key.path == "_id" else float(getattr(member, key.path))

    def fits(member: Member) -> bool:
        ours = member.tenant == ACME and group in (None, member.group)
        return ours and circle in (None, member.circle) and (value(member) > 0 or not key.sparse)

    id_falls = (order.direction > 0) is (key.path != "_id")
    found = sorted(filter(fits, known()), key=id_of, reverse=id_falls)
    found.sort(key=lambda member: order.direction * value(member))
    return [id_of(member) for member in found]


SORTS = [sort for sort in orders(MEMBER_KEYS) if sort.removeprefix("-") != POINTS]


async def test_every_order_is_walked_without_gaps_or_repeats(database: Database) -> None:
    store = ScoreStore(database)
    for sort, group, circle in itertools.product(SORTS, (None, "g1"), (None, Circle.MEMBERS)):
        order = Order(sort.removeprefix("-"), -1 if sort.startswith("-") else 1)
        if group is None and not MEMBER_KEYS[order.name].wide:
            continue
        ids = await walked(store, group, order, circle)
        assert ids == expected(group, order, circle), (sort, group, circle)
        assert ids


async def test_a_page_reads_no_more_than_it_holds_wherever_it_lies(database: Database) -> None:
    store = ScoreStore(database)
    await database.command({"profile": 2})
    try:
        for sort in SORTS:
            order = Order(sort.removeprefix("-"), -1 if sort.startswith("-") else 1)
            await walked(store, "g1", order, None)
    finally:
        await database.command({"profile": 0})
    profile = database["system.profile"]
    read = await profile.find({"command.find": MEMBERS.name}).to_list()
    await profile.drop()
    assert len(read) > len(SORTS)
    assert max(one["docsExamined"] for one in read) <= PAGE
    assert not [one["planSummary"] for one in read if one.get("hasSortStage")]


async def test_who_was_stored_without_what_is_sorted_by_is_told_at_the_end(
    database: Database,
) -> None:
    members = database[MEMBERS.name]
    id = member_id(ACME, "g1", "m07")
    await members.update_one({"_id": id}, {"$unset": {"last_seen": "", "messages": ""}})
    store = ScoreStore(database)
    for name in ("last_seen", "messages"):
        found = await store.members(ACME, "g1", Order(name, -1), None, None, MEMBERS_EACH)
        assert len(found) == MEMBERS_EACH
        assert found[-1][0] == (0.0, id)
