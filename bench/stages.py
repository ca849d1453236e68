"""Stages that cost as little as a stage can, to weigh the runtime itself."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from bench.peers.work import decayed, judge
from shared.events import MessagePosted, Millis
from shared.stream import Documents, Input, Key, Kind, Output, Record, Stage
from shared.topics import Topic


class NoOpPartition:
    """Reads every record and does nothing."""

    def keys(self, item: Input) -> Iterable[Key]:
        return ()

    def rebuild(self, record: Record) -> None:
        pass

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        return ()


class JudgingPartition(NoOpPartition):
    """Looks for patterns in every text, as the peers do."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        assert isinstance(item, Record)
        assert isinstance(item.value, MessagePosted)
        judge(item.value.text)
        return ()


class Tally(Struct, frozen=True):
    """A member's decayed count, as of the last message."""

    tenant: str
    score: float = 0.0
    messages: int = 0
    last: Millis = Millis(0)


TALLIES = Kind("bench_tallies", Tally)


class CountingPartition:
    """Keeps a decayed score for each member: one durable document an event."""

    def keys(self, item: Input) -> Iterable[Key]:
        assert isinstance(item, Record)
        return ((TALLIES, f"{item.value.key}/{item.value.member}"),)

    def rebuild(self, record: Record) -> None:
        pass

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        assert isinstance(item, Record)
        event = item.value
        id = f"{event.key}/{event.member}"
        tally = documents.get(TALLIES, id) or Tally(event.tenant)
        documents.put(
            TALLIES,
            id,
            replace(
                tally,
                score=decayed(tally.score, tally.last, event.time),
                messages=tally.messages + 1,
                last=max(tally.last, event.time),
            ),
        )
        return ()


def no_op_stage() -> Stage:
    return Stage("bench-no-op", (Topic.EVENTS,), lambda _: NoOpPartition())


def judging_stage() -> Stage:
    return Stage("bench-judging", (Topic.EVENTS,), lambda _: JudgingPartition())


def counting_stage() -> Stage:
    return Stage("bench-counting", (Topic.EVENTS,), lambda _: CountingPartition(), (TALLIES,))
