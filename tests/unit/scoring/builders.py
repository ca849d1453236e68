"""Events and documents that scoring's tests are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.scoring.calendar import DAY, HOUR
from services.scoring.group import Group
from services.scoring.stage import GROUPS, ScoringPartition, group_id
from shared.events import BaseEvent, MessagePosted
from shared.stream.contracts import Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Decision, Flag, Label

MONDAY = 1_699_804_800_000
"""Monday 2023-11-13, midnight UTC+8, in ms."""


def said(member: str, time: int, **more: Any) -> MessagePosted:
    fields: dict[str, Any] = {
        "id": f"{member}-{time}",
        "source": "test",
        "tenant": "acme",
        "group": "g1",
        "member": member,
        "time": time,
        "message": f"m-{time}",
        "text": "请问周六的活动怎么报名？",
    }
    return MessagePosted(**{**fields, **more})


def spam(event: BaseEvent) -> Flag:
    return Flag(
        id=f"flag-{event.id}",
        event=event,  # type: ignore[arg-type]
        time=event.time,
        labels=[Label.ADVERTISING],
        risk=0.9,
        decision=Decision.DELETE,
        spam=True,
        rule_set="test",
    )


def folded(values: Iterable[BaseEvent | Flag]) -> MemoryDocuments:
    documents = MemoryDocuments()
    records = [
        Record(Topic.FLAGS if isinstance(value, Flag) else Topic.EVENTS, 0, n, value)
        for n, value in enumerate(values)
    ]
    fold(ScoringPartition(), records, documents)
    return documents


def group_of(values: Iterable[BaseEvent | Flag]) -> Group:
    group: Group = folded(values).by_key[GROUPS, group_id("acme", "g1")]
    return group


def chatter(days: int, people: int = 8, per_day: int = 16) -> list[BaseEvent]:
    """A lively group: everybody writes alike, from nine in the morning to five."""
    return [
        said(f"member-{n % people}", MONDAY + day * DAY + 9 * HOUR + n * 8 * HOUR // per_day)
        for day in range(days)
        for n in range(per_day)
    ]
