"""Windows longer than the log is folded again on assignment: durable, in buckets, the same values.

A series is one document: at most 49 buckets, each a 48th of the span. What
lies in the bucket that the span begins in counts as a whole, so a value may
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
from shared.events import Millis, Tenant, TenantId
from shared.stream.contracts import Documents, Key, Kind

BUCKETS: Final = 48
GRACE: Final = timedelta(days=1)
"""How long after its last event's span a series is kept."""


class Bucket(Struct, frozen=True):
    """Events from `start` on: how many, how many of them marked, their different values."""

    start: Millis
    count: int = 0
    marked: int = 0
    values: tuple[str, ...] = ()


class WindowSeries(Struct, frozen=True, kw_only=True):
    """The buckets of one window of one key, in order; MongoDB removes it at `expires_at`."""

    tenant: Tenant
    buckets: tuple[Bucket, ...] = ()
    expires_at: datetime


SERIES: Final = Kind("window_series", WindowSeries)


def series_key(entry: Entry) -> Key:
    """Return which document an entry's series is."""
    digest = hashlib.blake2b("\x1f".join(entry.key).encode(), digest_size=16).hexdigest()
    return SERIES, digest


def look(entry: Entry, time: Millis, documents: Documents) -> int:
    """Return the value of a window at `time` with the new entry in."""
    width = entry.window.span // BUCKETS
    found = documents.get(*series_key(entry))
    seen = [
        bucket
        for bucket in (found.buckets if found else ())
        if bucket.start <= time and bucket.start + width > time - entry.window.span
    ]
    values = {value for bucket in seen for value in bucket.values}
    return entry.window.value(
        1 + sum(bucket.count for bucket in seen),
        (entry.value == MARKED) + sum(bucket.marked for bucket in seen),
        len(values | {_short(entry.value)}) if entry.window.unique else 0,
    )


def fold(
    entries: Iterable[Entry], tenant: TenantId, time: Millis, appended: Millis, documents: Documents
) -> None:
    """Take the entries in. They may come late, and in any order."""
    for entry in entries:
        kind, id = series_key(entry)
        found = documents.get(kind, id)
        start = Millis(time - time % (entry.window.span // BUCKETS))
        buckets = {bucket.start: bucket for bucket in (found.buckets if found else ())}
        buckets[start] = _with(buckets.get(start, Bucket(start)), entry)
        end = datetime.fromtimestamp(max(time, appended) / 1000, UTC)
        expires_at = end + timedelta(milliseconds=entry.window.span) + GRACE
        if found is not None:
            expires_at = max(expires_at, found.expires_at.astimezone(UTC))
        kept = tuple(_kept(buckets, entry))
        documents.put(kind, id, WindowSeries(tenant=tenant, buckets=kept, expires_at=expires_at))


def _with(bucket: Bucket, entry: Entry) -> Bucket:
    values = bucket.values
    if entry.window.unique:
        values = tuple(sorted({*values, _short(entry.value)}))[:MOST_ENTRIES]
    marked = bucket.marked + (entry.value == MARKED)
    return replace(bucket, count=bucket.count + 1, marked=marked, values=values)


def _kept(buckets: dict[Millis, Bucket], entry: Entry) -> Iterator[Bucket]:
    """Yield the buckets that a value may still count, with no more values than are counted."""
    width = entry.window.span // BUCKETS
    oldest = max(buckets) - entry.window.span - width
    room = 2 * MOST_ENTRIES
    kept: list[Bucket] = []
    for start in sorted(buckets, reverse=True):
        if start <= oldest:
            break
        bucket = buckets[start]
        kept.append(replace(bucket, values=bucket.values[: max(room, 0)]))
        room -= len(bucket.values)
    yield from reversed(kept)


def _short(value: str) -> str:
    return hashlib.blake2b(value.encode(), digest_size=6).hexdigest()
