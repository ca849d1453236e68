"""Small stages that show one ability of the runtime each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from shared.events import Millis
from shared.stream import (
    Clock,
    Documents,
    Due,
    Input,
    Key,
    Kind,
    Outcome,
    Output,
    Perform,
    Record,
    Stage,
)
from shared.topics import Topic


class Reminder(Struct, frozen=True):
    """When to ring, and how often it has rung."""

    tenant: str
    due_at: Millis | None
    rung: int = 0
    rung_at: int = 0


REMINDERS = Kind("test_reminders", Reminder, timed=True)
HOUR = 3_600_000


class RemindingPartition:
    """Rings an hour after a group's last message, once. Fails on the group `broken`."""

    def keys(self, item: Input) -> Iterable[Key]:
        if isinstance(item, Record):
            yield REMINDERS, item.value.key

    def rebuild(self, record: Record) -> None:
        pass

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        if isinstance(item, Record):
            old = documents.get(REMINDERS, item.value.key) or Reminder(item.value.tenant, None)
            due = Millis(item.value.time + HOUR)
            documents.put(REMINDERS, item.value.key, replace(old, due_at=due))
        elif isinstance(item, Due):
            if item.id.endswith("broken"):
                raise ValueError("this one cannot ring")
            rung = replace(item.document, due_at=None, rung=item.document.rung + 1)
            documents.put(REMINDERS, item.id, replace(rung, rung_at=item.now))
        return ()


def reminding_stage() -> Stage:
    return Stage("reminding", (Topic.EVENTS,), lambda _: RemindingPartition(), (REMINDERS,))


class Errand(Struct, frozen=True):
    """Something to do outside, under lease until `due_at`."""

    tenant: str
    due_at: Millis | None
    done: int = 0
    answer: str = ""


ERRANDS = Kind("test_errands", Errand, timed=True)
LEASE_MS = 6_000


class ErrandPartition:
    """Has every message's id taken to the performer, again after the lease if need be."""

    def keys(self, item: Input) -> Iterable[Key]:
        if isinstance(item, Record):
            yield ERRANDS, item.value.id
        elif isinstance(item, Outcome):
            yield ERRANDS, item.task

    def rebuild(self, record: Record) -> None:
        pass

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        if isinstance(item, Record):
            lease = Millis(item.appended + LEASE_MS)
            documents.put(ERRANDS, item.value.id, Errand(item.value.tenant, lease))
            yield Perform(item.value.id)
        elif isinstance(item, Due):
            documents.put(ERRANDS, item.id, replace(item.document, due_at=item.now + LEASE_MS))
            yield Perform(item.id)
        else:
            errand = documents.get(ERRANDS, item.task)
            assert errand is not None
            done = replace(errand, due_at=None, done=errand.done + 1, answer=item.result)
            documents.put(ERRANDS, item.task, done)


def errand_stage(performer: Any) -> Stage:
    return Stage(
        "errands",
        (Topic.EVENTS,),
        lambda _: ErrandPartition(),
        (ERRANDS,),
        clock=Clock.WALL,
        performer=performer,
    )
