"""Events and verdicts for the tests of rules."""

from __future__ import annotations

from typing import Any

from services.rules.check import Checker
from services.rules.pack import default_pack
from services.rules.stage import rules_stage
from services.rules.verdict import Verdict
from shared.actions import Action
from shared.events import BaseEvent, MemberJoined, MessagePosted, Millis
from shared.stream.contracts import Output, Publish, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Flag, Sighting

PACK = default_pack()
CHECKER = Checker(PACK)
START = 1_700_000_000_000


def verdict(text: str) -> Verdict:
    return CHECKER.check(text).verdict


def event(kind: type[BaseEvent], number: int = 0, **fields: Any) -> Any:
    """Return an event; `number` makes its id and, times a second, its time."""
    return kind(
        **{
            "id": f"{kind.__name__}-{number}",
            "source": "test",
            "tenant": "acme",
            "group": "g1",
            "member": "m1",
            "time": START + number * 1000,
            **fields,
        }
    )


def message(text: str, number: int = 0, **fields: Any) -> MessagePosted:
    posted: MessagePosted = event(
        MessagePosted, number, **{"message": f"msg-{number}", "text": text, **fields}
    )
    return posted


def by_newcomers(*posted: MessagePosted) -> list[BaseEvent]:
    """Return messages whose writers joined a minute before."""
    joined: list[BaseEvent] = [
        MemberJoined(
            id=f"joined-{each.id}",
            source=each.source,
            tenant=each.tenant,
            group=each.group,
            member=each.member,
            time=Millis(each.time - 60_000),
            backfill=True,
        )
        for each in posted
    ]
    return [*joined, *posted]


def event_record(value: BaseEvent, offset: int = 0) -> Record:
    return Record(Topic.EVENTS, 0, offset, value)


class World:
    """A stage's partition with its documents, where sightings come back into the stage."""

    def __init__(self) -> None:
        self.stage = rules_stage().open_partition(0)
        self.documents = MemoryDocuments()
        self.outputs: list[Output] = []
        self.offset = 0

    def see(self, *events: BaseEvent) -> list[Output]:
        """Fold events, and the sightings that they lead to; return what went out."""
        found: list[Output] = []
        for each in events:
            outputs = self.fold(Topic.EVENTS, each)
            found += outputs
            for sighting in records(outputs, Sighting):
                found += self.fold(Topic.SIGHTINGS, sighting)
        self.outputs += found
        return found

    def fold(self, topic: Topic, value: Any) -> list[Output]:
        self.offset += 1
        return fold(self.stage, [Record(topic, 0, self.offset, value)], self.documents)


def records(outputs: list[Output], kind: type) -> list[Any]:
    return [o.record for o in outputs if isinstance(o, Publish) and isinstance(o.record, kind)]


def flags(outputs: list[Output]) -> list[Flag]:
    return records(outputs, Flag)


def actions(outputs: list[Output]) -> list[Action]:
    return records(outputs, Action)
