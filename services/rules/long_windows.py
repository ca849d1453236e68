"""Windows longer than the log is folded again on assignment: durable, the same values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from services.rules.buckets import (
    Bucket,
    counted_value,
    digest_of,
    end_of,
    value_at,
    with_events,
)
from services.rules.windows import Entry
from shared.events import Millis, Tenant, TenantId
from shared.stream.contracts import Documents, Key, Kind

GRACE: Final = timedelta(days=1)
"""How long after its last event's span a series is kept."""


class WindowSeries(Struct, frozen=True, kw_only=True):
    """The buckets of one window of one key, in order; MongoDB removes it at `expires_at`."""

    tenant: Tenant
    buckets: tuple[Bucket, ...] = ()
    expires_at: datetime


SERIES: Final = Kind("window_series", WindowSeries)


def series_key(entry: Entry) -> Key:
    """Return which document an entry's series is."""
    return SERIES, digest_of(entry)


def look(entry: Entry, time: Millis, documents: Documents, others: Sequence[str] = ()) -> int:
    """Return the value of a window at `time` with the new entry in.

    `others` are further values that the event has in the series.
    """
    found = documents.get(*series_key(entry))
    return value_at(entry, time, found.buckets if found else (), others)


def fold(
    entries: Iterable[Entry], tenant: TenantId, time: Millis, appended: Millis, documents: Documents
) -> None:
    """Take the entries in. They may come late, and in any order."""
    for entry in entries:
        kind, id = series_key(entry)
        found = documents.get(kind, id)
        span = entry.window.span
        kept = with_events(found.buckets if found else (), span, [(time, counted_value(entry))])
        expires_at = end_of(time, appended, span, GRACE)
        if found is not None:
            expires_at = max(expires_at, found.expires_at.astimezone(UTC))
        documents.put(kind, id, WindowSeries(tenant=tenant, buckets=kept, expires_at=expires_at))
