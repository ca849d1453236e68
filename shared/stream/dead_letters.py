"""Dead letters: inputs that did not decode or that a stage failed on, kept with the reason."""

from __future__ import annotations

import traceback
from typing import Final

import msgspec

from shared.stream.contracts import Due, Outcome
from shared.stream.publisher import Headers, Outgoing
from shared.stream.raw import RawRecord

MAX_TRACEBACK: Final = 4_000
REPLAY: Final = "replay-of"
"""Header of a record that was put back from the dead letters: says from where."""

TRACEPARENT: Final = "traceparent"


def header(headers: Headers, name: str) -> str:
    """Return the first header of that name as text, or nothing."""
    for key, value in headers:
        if key == name:
            return value.decode("utf-8", "replace")
    return ""


def of_record(topic: str, stage: str, raw: RawRecord, error: Exception) -> Outgoing:
    """Return the dead letter of a record, its bytes as they came."""
    origin = (
        ("origin-topic", raw.topic.encode()),
        ("origin-partition", str(raw.partition).encode()),
        ("origin-offset", str(raw.offset).encode()),
    )
    kept = tuple((name, value) for name, value in raw.headers if name in (TRACEPARENT, "schema"))
    return Outgoing(topic, raw.key, raw.value, _reason(stage, error) + origin + kept)


def of_input(topic: str, stage: str, item: Due | Outcome, error: Exception) -> Outgoing:
    """Return the dead letter of an input that no record stands for; it cannot be replayed."""
    what = item.id if isinstance(item, Due) else repr(item.task)[:200]
    body = msgspec.json.encode({"input": type(item).__name__, "what": what, "now": item.now})
    return Outgoing(topic, what.encode(), body, _reason(stage, error))


def replayed(topic: str, letter: RawRecord) -> Outgoing:
    """Return a dead letter as the record to put back where it came from.

    The header makes it a new record to the duplicate memory; a second replay of
    the same letter is dropped there. Raises `ValueError` for a letter that no
    record stands for.
    """
    origin = header(letter.headers, "origin-topic")
    if not origin:
        raise ValueError("this dead letter stands for a timer or an outcome, not for a record")
    kept = tuple((name, value) for name, value in letter.headers if name in (TRACEPARENT, "schema"))
    place = f"{topic}-{letter.partition}-{letter.offset}"
    return Outgoing(origin, letter.key, letter.value, (*kept, (REPLAY, place.encode())))


def _reason(stage: str, error: Exception) -> Headers:
    trace = "".join(traceback.format_exception(error))[-MAX_TRACEBACK:]
    return (
        ("stage", stage.encode()),
        ("reason", f"{type(error).__name__}: {error}"[:500].encode()),
        ("traceback", trace.encode()),
    )
