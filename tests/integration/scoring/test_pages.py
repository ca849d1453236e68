"""Members in every order, page by page from an index of MongoDB."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable

import pytest

from services.scoring.calendar import HOUR
from services.scoring.decay import UNIT
from services.scoring.listing import JUDGED, LISTINGS, SEEN
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
KEPT = ((MEMBERS, lambda member: member), *LISTINGS)
VALUES: dict[str, Callable[[Member], float]] = {
    "member": lambda _: 0,
    "score": lambda member: member.rank,
    "churn": lambda member: member.told.churn,
    "layer": lambda member: member.told.layer_place,
    "last_seen": lambda member: member.last_seen // HOUR,
    "messages": lambda member: member.messages,
}
ROLES = [Role.MEMBER, Role.MEMBER, Role.OPERATOR, Role.BOT]


def known() -> list[Member]:
    """Members of whom many are alike in what they are sorted by."""
    return [
        Member(
            tenant=tenant,
            group=GroupId(f"g{group}"),
            member=MemberId(f"m{number:02}"),
            role=ROLES[number % 4],
            last_seen=(1_000 + number * 7 % 5) * HOUR,
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
        for kind, of in KEPT:
            stored = ((id_of(member), of(member)) for member in known())
            raws = [to_bson((kind, id), each, 0) for id, each in stored if each is not None]
            await database[kind.name].delete_many({})
            await database[kind.name].create_indexes(list(dict(INDEXES)[kind.name]))
            await database[kind.name].insert_many(raws)
        yield database
        for kind, _ in KEPT:
            await database[kind.name].delete_many({})


async def walked(
    store: ScoreStore, group: str | None, order: Order, circle: Circle | None
) -> list[str]:
    """Return the ids of all pages, one after the other."""
    ids: list[str] = []
    after = None
    while True:
        found = await store.members(ACME, group, order, circle, after, PAGE)
        ids += [id_of(member) for _, member in found if member is not None]
        if len(found) < PAGE:
            return ids
        after = found[-1][0]


def expected(group: str | None, order: Order, circle: Circle | None) -> list[str]:
    key = MEMBER_KEYS[order.name]

    value = VALUES[order.name]

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
    kinds = [MEMBERS.name, SEEN.name, JUDGED.name]
    read = await profile.find({"command.find": {"$in": kinds}}).to_list()
    await profile.drop()
    assert len(read) > len(SORTS)
    assert max(one["docsExamined"] for one in read) <= PAGE
    assert not [one["planSummary"] for one in read if one.get("hasSortStage")]


async def test_who_was_stored_without_what_is_sorted_by_is_told_at_the_end(
    database: Database,
) -> None:
    id = member_id(ACME, "g1", "m07")
    await database[MEMBERS.name].update_one({"_id": id}, {"$unset": {"messages": ""}})
    found = await ScoreStore(database).members(
        ACME, "g1", Order("messages", -1), None, None, MEMBERS_EACH
    )
    assert len(found) == MEMBERS_EACH
    assert found[-1][0] == (0.0, id)


async def test_who_is_erased_while_a_page_is_read_leaves_a_gap_in_it(database: Database) -> None:
    id = member_id(ACME, "g1", "m07")
    await database[MEMBERS.name].delete_one({"_id": id})
    store = ScoreStore(database)
    found = await store.members(ACME, "g1", Order("last_seen", 1), None, None, MEMBERS_EACH)
    assert len(found) == MEMBERS_EACH
    assert [place[1] for place, member in found if member is None] == [id]
