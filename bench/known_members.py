"""What scoring costs an event with few and with very many known members, state in MongoDB."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import bson
from bson.raw_bson import RawBSONDocument
from msgspec.structs import replace
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from bench.runtime import drain, fill, timed
from bench.size import QUICK, sized
from services.scoring.calendar import day_of
from services.scoring.listing import SEEN, seen
from services.scoring.member import Member
from services.scoring.stage import MEMBERS, ScoringPartition, member_id, scoring_stage
from services.scoring.store import INDEXES
from shared.events import GroupId, MemberId, MessageId, MessagePosted, Millis, TenantId
from shared.mongo import Client, Document, connect
from shared.settings import Settings
from shared.stream.checkpoints import COLLECTION as CHECKPOINTS
from shared.stream.contracts import Kind, Record
from shared.stream.documents import to_bson
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from steward.migrate import DUE, migrate

SIZES: Final = "10000,50000" if QUICK else "10000,5000000"
"""How many members are known; `STEWARD_BENCH_MEMBERS` names other counts."""
COLD: Final = bool(os.environ.get("STEWARD_BENCH_COLD"))
EVENTS: Final = sized(60_000)
GROUP_SIZE: Final = 500
TALKING_GROUPS: Final = 20
"""How many groups talk in the first measurement, however many are known."""
BATCH: Final = 10_000
AT_ONCE: Final = 2
"""Batches that are written while the next one is made."""
SEED_MS: Final = 600_000
HISTORIES: Final = 8
History = dict[str, bytes]
"""A member's documents as MongoDB keeps them, by the collection."""
START: Final = 1_790_000_000_000
DAY: Final = 86_400_000
_GROUP, _MEMBER = "g0000000", "m0000000"
"""Names of the members that are copied: as long as every other's."""


async def measure(settings: Settings) -> dict[str, float]:
    """Return CPU µs an event, of the stage and of mongod, and resident megabytes, by known members.

    `same_talk`: as many groups talk, however many more are known; they lie evenly
    among all. `cold`, if `STEWARD_BENCH_COLD` is set: every event is of another member
    than any in memory, as far as there are so many.
    """
    figures: dict[str, float] = {}
    sizes = [int(size) for size in os.environ.get("STEWARD_BENCH_MEMBERS", SIZES).split(",")]
    for known in sizes:
        figures |= await _one(settings, known)
    for name in ("same_talk", "cold")[: 1 + COLD]:
        few, many = (figures[f"{name}_{known}_cpu_us"] for known in (sizes[0], sizes[-1]))
        figures[f"{name}_cpu_{sizes[-1]}_vs_{sizes[0]}"] = many / few
    return figures


async def _one(settings: Settings, known: int) -> dict[str, float]:
    """Seed an installation with known members, then time the stage on messages of some."""
    database = f"{settings.database}-{known}"
    figures: dict[str, float] = {}
    async with connect(settings) as client:
        await _seed(settings, database, known)
        who_talks = (("same_talk", _talking(known)), ("cold", _anybody(known)))
        for name, who in who_talks[: 1 + COLD]:
            figures |= await _timed(settings, database, client, f"{name}_{known}", who)
        await client.drop_database(database)
    return figures


async def _timed(
    settings: Settings, database: str, client: Client, name: str, who: Callable[[int], int]
) -> dict[str, float]:
    unique = {"namespace": f"{settings.namespace}{name}.", "database": database}
    own = settings.model_copy(update=unique)
    await migrate(own)
    await client[database][CHECKPOINTS].delete_many({})
    await fill(own, _messages(who))
    before = await _mongod_seconds(client)
    figures = await timed(name, EVENTS, partial(drain, own, scoring_stage(), client, EVENTS))
    spent = await _mongod_seconds(client) - before
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    mongod = {f"{name}_mongod_cpu_us": spent / EVENTS * 1e6}
    return {**figures, **mongod, f"{name}_resident_mb": resident}


async def _mongod_seconds(client: Client) -> float:
    """Return the CPU that mongod has used, whoever asked for it."""
    told = (await client.admin.command("serverStatus"))["extra_info"]
    return float(told["user_time_us"] + told["system_time_us"]) / 1e6


async def _seed(settings: Settings, database: str, known: int) -> None:
    """Copy members with a history, as MongoDB keeps them, under names of their own.

    The indexes are made afterwards, in one pass over the collection, and then all of it is
    on the disk. Each takes longer than a service waits for an answer.
    """
    histories = [_history(length) for length in range(1, HISTORIES + 1)]
    mongo = settings.mongo.get_secret_value()
    async with AsyncMongoClient[Document](mongo, w=1, socketTimeoutMS=SEED_MS) as client:
        under_way: set[asyncio.Task[object]] = set()
        for start in range(0, known, BATCH):
            numbers = range(start, min(known, start + BATCH))
            batch = [(histories[number % HISTORIES], number) for number in numbers]
            if len(under_way) == AT_ONCE:
                done, under_way = await asyncio.wait(under_way, return_when="FIRST_COMPLETED")
                for each in done:
                    each.result()
            under_way.add(asyncio.create_task(_insert(client[database], batch)))
        await asyncio.gather(*under_way)
        for kind, more in ((MEMBERS, [DUE]), (SEEN, [])):
            await client[database][kind.name].create_indexes([*dict(INDEXES)[kind.name], *more])
        await client.admin.command("fsync")


async def _insert(database: AsyncDatabase[Document], batch: list[tuple[History, int]]) -> None:
    for kind in (MEMBERS, SEEN):
        copies = [_copy(history[kind.name], number) for history, number in batch]
        await database[kind.name].insert_many(copies, ordered=False)


def _copy(document: bytes, number: int) -> RawBSONDocument:
    group, member = _names(number)
    named = document.replace(_GROUP.encode(), group.encode())
    return RawBSONDocument(named.replace(_MEMBER.encode(), member.encode()))


def _names(number: int) -> tuple[GroupId, MemberId]:
    return GroupId(f"g{number // GROUP_SIZE:07}"), MemberId(f"m{number:07}")


def _history(length: int) -> History:
    """A member who wrote every other day for some weeks, and got an answer every week.

    They were looked at today already, so that no timer goes off while events are timed.
    """
    days = 10 * length
    events = [_message(0, START - (days - day) * DAY, day) for day in range(0, days, 2)]
    answers = [_answer(START - day * DAY, day) for day in range(3, days, 7)]
    documents = MemoryDocuments()
    records = [Record(Topic.EVENTS, 0, n, event) for n, event in enumerate([*events, *answers])]
    fold(ScoringPartition(), records, documents)
    id = member_id("bench", _GROUP, _MEMBER)
    folded: Member = documents.by_key[MEMBERS, id]
    told = replace(folded.told, looked_on=day_of(START))
    found = replace(folded, told=told, due_at=Millis(START + 400 * DAY))
    kept: dict[str, Any] = {MEMBERS.name: found, SEEN.name: seen(found)}
    kinds: dict[str, Kind[Any]] = {MEMBERS.name: MEMBERS, SEEN.name: SEEN}
    return {
        name: bytes(bson.encode(to_bson((kinds[name], id), each, 0))) for name, each in kept.items()
    }


def _talking(known: int) -> Callable[[int], int]:
    """Return who writes the n-th message: members of groups that lie evenly among all."""
    groups = max(1, min(TALKING_GROUPS, known // GROUP_SIZE))
    apart = known // GROUP_SIZE // groups

    def who(number: int) -> int:
        turn = number * 7919 % (groups * GROUP_SIZE)
        return turn % groups * apart * GROUP_SIZE + turn // groups

    return who


def _anybody(known: int) -> Callable[[int], int]:
    return lambda number: number * 7919 % known


def _messages(who: Callable[[int], int]) -> Iterator[MessagePosted]:
    for number in range(EVENTS):
        yield _message(who(number), START + number * 50, number)


def _message(member: int, time: int, number: int) -> MessagePosted:
    group, name = _names(member)
    return MessagePosted(
        id=f"e{time}-{number}",
        source="bench",
        tenant=TenantId("bench"),
        group=group,
        member=name,
        time=Millis(time),
        message=MessageId(f"x{number}"),
        text="大家早上好,今天的打卡在晚上八点截止,别忘了。",
    )


def _answer(time: int, number: int) -> MessagePosted:
    answer = _message(1 + number % 5, time, number)
    return replace(answer, id=f"a{number}", reply_to_member=MemberId(_MEMBER))
