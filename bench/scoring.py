"""What scoring costs an event: the pure fold, in memory, on one core."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from time import process_time
from typing import Any

from services.scoring.stage import ScoringPartition
from shared.events import BaseEvent, CheckinMade, MemberId, MessageId, MessagePosted, ReactionAdded
from shared.stream.contracts import Record
from shared.stream.memory import MemoryDocuments
from shared.topics import Topic

EVENTS = 1_000
ROUNDS = 60
GROUPS = 40
MEMBERS = 2_000
START = 1_700_000_000_000
STEP = 30_000
TEXTS = (
    "收到",
    "请问周六的活动几点开始，在哪里集合？",
    "哈哈哈",
    "I think the second chapter is best",
)


def measure() -> dict[str, float]:
    """Return µs of CPU an event and events a second on one core, the best of many rounds."""
    records = [
        Record(Topic.EVENTS, 0, offset, event)
        for offset, event in enumerate(islice(_events(), EVENTS * ROUNDS))
    ]
    stage, documents = ScoringPartition(), MemoryDocuments()
    seconds = min(
        _fold(stage, records[at : at + EVENTS], documents) for at in range(0, len(records), EVENTS)
    )
    return {
        "scoring_fold_us": round(seconds / EVENTS * 1e6, 2),
        "events_per_s_core": round(EVENTS / seconds),
    }


def _fold(stage: ScoringPartition, records: list[Record], documents: MemoryDocuments) -> float:
    start = process_time()
    for record in records:
        documents.name(stage.keys(record))
        for _ in stage.apply(record, documents):
            pass
    return process_time() - start


def _events() -> Iterator[BaseEvent]:
    """Mostly messages, a sixth of them replies; reactions and check-ins."""
    number = 0
    while True:
        number += 1
        member = number * 7919 % MEMBERS
        common: dict[str, Any] = {
            "id": f"e{number}",
            "source": "bench",
            "tenant": "acme",
            "group": f"g{member % GROUPS}",
            "member": f"m{member}",
            "time": START + number * STEP,
        }
        message, other = MessageId(f"m{number}"), MemberId(f"m{(member + GROUPS) % MEMBERS}")
        if number % 6 == 0:
            yield ReactionAdded(message=message, author=other, **common)
        elif number % 13 == 0:
            yield CheckinMade(**common)
        else:
            yield MessagePosted(
                message=message,
                text=TEXTS[number % len(TEXTS)],
                reply_to_member=other if number % 5 == 0 else None,
                **common,
            )
