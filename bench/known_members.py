"""What scoring costs an event with few and with very many known members, state in MongoDB."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from functools import partial
from typing import Final

from msgspec.structs import replace
from pymongo.asynchronous.collection import AsyncCollection

from bench.runtime import drain, fill, timed
from services.scoring.member import Member
from services.scoring.stage import MEMBERS, ScoringPartition, member_id, scoring_stage
from services.scoring.store import INDEXES
from shared.events import GroupId, MemberId, MessageId, MessagePosted, Millis, TenantId
from shared.mongo import Document, connect
from shared.settings import Settings
from shared.stream.contracts import Record
from shared.stream.documents import to_bson
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from steward.migrate import migrate

SIZES: Final = "10000,1000000"
"""How many members are known; `STEWARD_BENCH_MEMBERS` names other counts, such as 5000000."""
EVENTS: Final = 60_000
GROUP_SIZE: Final = 500
TALKERS: Final = 10_000
"""How many different members write in the first measurement, however many are known."""
BATCH: Final = 5_000
PAST_DAYS: Final = 60
START: Final = 1_790_000_000_000
DAY: Final = 86_400_000


async def measure(settings: Settings) -> dict[str, float]:
    """Return CPU µs an event and resident megabytes, by number of known members.

    `same_talk`: the same members write, however many more are known. `cold`:
    every event is of another member than any in memory, as far as there are so many.
    """
    figures: dict[str, float] = {}
    sizes = [int(size) for size in os.environ.get("STEWARD_BENCH_MEMBERS", SIZES).split(",")]
    for known in sizes:
        for name, among in (("same_talk", min(TALKERS, known)), ("cold", known)):
            figures |= await _one(settings, f"{name}_{known}", known, among)
    for name in ("same_talk", "cold"):
        few, many = (figures[f"{name}_{known}_cpu_us"] for known in (sizes[0], sizes[-1]))
        figures[f"{name}_cpu_{sizes[-1]}_vs_{sizes[0]}"] = many / few
    return figures


async def _one(settings: Settings, name: str, known: int, among: int) -> dict[str, float]:
    """Seed an installation with known members, then time the stage on messages of some."""
    unique = {"namespace": f"{settings.namespace}{name}.", "database": f"{settings.database}{name}"}
    own = settings.model_copy(update=unique)
    await migrate(own)
    async with connect(own) as client:
        members = client[own.database][MEMBERS.name]
        await members.drop_indexes()
        await _seed(members, known)
        await members.create_indexes(list(dict(INDEXES)[MEMBERS.name]))
        await fill(own, _messages(among))
        stage = scoring_stage()
        figures = await timed(name, EVENTS, partial(drain, own, stage, client, EVENTS))
        await client.drop_database(own.database)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**figures, f"{name}_resident_mb": resident}


async def _seed(members: AsyncCollection[Document], known: int) -> None:
    template = _template()
    for start in range(0, known, BATCH):
        batch = [_known(template, number) for number in range(start, min(known, start + BATCH))]
        await members.insert_many(
            [to_bson((MEMBERS, _id(one)), one, 0) for one in batch],
            ordered=False,
        )


def _known(template: Member, number: int) -> Member:
    group, member = _names(number)
    return replace(template, group=group, member=member)


def _names(number: int) -> tuple[GroupId, MemberId]:
    return GroupId(f"g{number // GROUP_SIZE}"), MemberId(f"m{number}")


def _id(member: Member) -> str:
    return member_id(member.tenant, member.group, member.member)


def _template() -> Member:
    """A member who wrote every other day for two months, and got an answer every week."""
    events = [_message(0, START - (PAST_DAYS - day) * DAY, day) for day in range(0, PAST_DAYS, 2)]
    answers = [_answer(START - day * DAY, day) for day in range(3, PAST_DAYS, 7)]
    documents = MemoryDocuments()
    records = [Record(Topic.EVENTS, 0, n, event) for n, event in enumerate([*events, *answers])]
    fold(ScoringPartition(), records, documents)
    found: Member = documents.by_key[MEMBERS, member_id("bench", "g0", "m0")]
    return found


def _messages(among: int) -> Iterator[MessagePosted]:
    """Yield messages by the first `among` members in turn, no two in a row of one group."""
    for number in range(EVENTS):
        yield _message(number * 7919 % among, START + number * 50, number)


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
    return replace(answer, id=f"a{number}", reply_to_member=MemberId("m0"))
