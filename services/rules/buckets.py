"""Series of windows in buckets: at most 49, each a 48th of the span. Pure.

What lies in the bucket that the span begins in counts as a whole, so a value may
look back up to a 48th of the span too far.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.rules.windows import MARKED, MOST_ENTRIES, Entry
from shared.events import Millis

BUCKETS: Final = 48


class Bucket(Struct, frozen=True):
    """Events from `start` on: how many, how many of them marked, their different values."""

    start: Millis
    count: int = 0
    marked: int = 0
    values: tuple[str, ...] = ()


def digest_of(entry: Entry) -> str:
    """Return what an entry's series is kept under."""
    assert isinstance(entry.key, tuple)
    return hashlib.blake2b("\x1f".join(entry.key).encode(), digest_size=16).hexdigest()


def counted_value(entry: Entry) -> str:
    """Return what of an event is counted: a digest, `MARKED`, or nothing."""
    if entry.window.unique:
        return digest_of_value(entry.value)
    return MARKED if entry.value == MARKED else ""


def digest_of_value(value: str) -> str:
    """Return what a value is known by where different ones are counted."""
    return hashlib.blake2b(value.encode(), digest_size=6).hexdigest()


def start_of(time: Millis, span: int) -> Millis:
    """Return where the bucket begins that a moment lies in."""
    return Millis(time - time % (span // BUCKETS))


def value_at(
    entry: Entry, time: Millis, buckets: Iterable[Bucket], others: Iterable[str] = ()
) -> int:
    """Return the value of a window at `time` with the new entry in.

    Several buckets may begin at the same moment. `others` are further values that the
    event has in the series.
    """
    width = entry.window.span // BUCKETS
    seen = [
        bucket
        for bucket in buckets
        if bucket.start <= time and bucket.start + width > time - entry.window.span
    ]
    different = 0
    if entry.window.unique:
        values = {value for bucket in seen for value in bucket.values}
        new = (entry.value, *others)
        different = len(values | {digest_of_value(value) for value in new})
    return entry.window.value(
        1 + sum(bucket.count for bucket in seen),
        (entry.value == MARKED) + sum(bucket.marked for bucket in seen),
        different,
    )


def with_events(
    buckets: Iterable[Bucket], span: int, events: Iterable[tuple[Millis, str]]
) -> tuple[Bucket, ...]:
    """Return the buckets with events taken in: their times, and what of each is counted.

    They may come late, and in any order.
    """
    known = {bucket.start: bucket for bucket in buckets}
    for time, value in events:
        start = start_of(time, span)
        known[start] = _with(known.get(start, Bucket(start)), value)
    return tuple(_kept(known, span))


def end_of(time: Millis, appended: Millis, span: int, grace: timedelta) -> datetime:
    """Return until when a series is kept after an event, by its time or when the log had it."""
    end = datetime.fromtimestamp(max(time, appended) / 1000, UTC)
    return end + timedelta(milliseconds=span) + grace


def _with(bucket: Bucket, value: str) -> Bucket:
    values = bucket.values
    if value and value != MARKED and value not in values:
        values = tuple(sorted({*values, value}))[:MOST_ENTRIES]
    marked = bucket.marked + (value == MARKED)
    return replace(bucket, count=bucket.count + 1, marked=marked, values=values)


def _kept(buckets: dict[Millis, Bucket], span: int) -> Iterator[Bucket]:
    """Yield the buckets that a value may still count, with no more values than are counted."""
    oldest = max(buckets, default=Millis(0)) - span - span // BUCKETS
    room = 2 * MOST_ENTRIES
    kept: list[Bucket] = []
    for start in sorted(buckets, reverse=True):
        if start <= oldest:
            break
        bucket = buckets[start]
        kept.append(replace(bucket, values=bucket.values[: max(room, 0)]))
        room -= len(bucket.values)
    yield from reversed(kept)
