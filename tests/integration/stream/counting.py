"""A stage to try the runtime with: counts messages by group and passes each one on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from shared.actions import Action, ActionKind
from shared.events import MessagePosted, derive_id
from shared.stream import Documents, Input, Key, Kind, Output, Publish, Record, Stage
from shared.topics import Topic


class Count(Struct, frozen=True):
    """How many messages a group had, and a sum that depends on each of them once."""

    tenant: str
    messages: int = 0
    checksum: int = 0


COUNTS = Kind("test_counts", Count)


class CountingPartition:
    """Counts; raises on the text `poison`, and on `huge` counts what MongoDB cannot store."""

    def __init__(self) -> None:
        self.recent: list[str] = []

    def keys(self, item: Input) -> Iterable[Key]:
        assert isinstance(item, Record)
        yield COUNTS, item.value.key

    def rebuild(self, record: Record) -> None:
        self.recent.append(record.value.id)

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        assert isinstance(item, Record)
        event = item.value
        if isinstance(event, MessagePosted) and event.text == "poison":
            raise ValueError("this text is poison")
        count = documents.get(COUNTS, event.key) or Count(event.tenant)
        yield Publish(
            Topic.ACTIONS,
            Action(
                id=derive_id(event.identity, "counting"),
                kind=ActionKind.MESSAGE_REPLY,
                tenant=event.tenant,
                group=event.group,
                time=event.time,
                cause=event.id,
            ),
        )
        checksum = (count.checksum + hash_of(event.id)) % (1 << 40)
        if isinstance(event, MessagePosted) and event.text == "huge":
            checksum += 1 << 64
        documents.put(COUNTS, event.key, Count(event.tenant, count.messages + 1, checksum))
        self.recent.append(event.id)


def hash_of(text: str) -> int:
    """Return a number that is the same in every process."""
    return int(derive_id(text)[:8], 16)


def counting_stage(name: str = "counting") -> Stage:
    """Return the stage."""
    return Stage(
        name=name,
        topics=(Topic.EVENTS,),
        open_partition=lambda _: CountingPartition(),
        kinds=(COUNTS,),
        horizon=timedelta(minutes=1),
    )
