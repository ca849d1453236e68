"""The series of windows over a tenant, as their owners keep them: documents in buckets. Pure.

The owner is who owns the partition that the series' tallies are on. Whoever judges
an event reads the document as its owner last wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from services.rules.buckets import Bucket, end_of, with_events
from shared.events import Millis, Tenant
from shared.stream.contracts import Documents, Key, Kind
from shared.tallies import SeriesTally, Tally

GRACE: Final = timedelta(hours=1)
"""How long after its last event's span a series is kept."""


class TenantSeries(Struct, frozen=True, kw_only=True):
    """The buckets of one series; MongoDB removes it at `expires_at`.

    `counted` has, by the number of a partition, the offset up to which its events
    are in the buckets.
    """

    tenant: Tenant
    buckets: tuple[Bucket, ...] = ()
    counted: dict[str, int] = {}
    expires_at: datetime


TENANT_SERIES: Final = Kind("tenant_window_series", TenantSeries)
KNOWN_SERIES: Final = Kind("tenant_window_series", TenantSeries, borrows=TENANT_SERIES)
"""The same, as those who judge see them."""


def tally_keys(tally: Tally) -> Iterable[Key]:
    """Name the documents that a tally changes."""
    return [(TENANT_SERIES, each.series) for each in tally.series]


def count(tally: Tally, appended: Millis, documents: Documents) -> None:
    """Take a tally in. What was counted before is not counted again."""
    source = str(tally.partition)
    for each in tally.series:
        found = documents.get(TENANT_SERIES, each.series)
        counted = found.counted if found is not None else {}
        before = counted.get(source, -1)
        new = [event for event in each.events if event.offset > before]
        if not new:
            continue
        kept = with_events(
            found.buckets if found is not None else (),
            each.span,
            [(event.time, event.value) for event in new],
        )
        series = TenantSeries(
            tenant=tally.tenant,
            buckets=kept,
            counted={**counted, source: new[-1].offset},
            expires_at=_end(each, appended, found),
        )
        documents.put(TENANT_SERIES, each.series, series)


def _end(tally: SeriesTally, appended: Millis, found: TenantSeries | None) -> datetime:
    latest = max(event.time for event in tally.events)
    end = end_of(latest, appended, tally.span, GRACE)
    return end if found is None else max(end, found.expires_at.astimezone(UTC))
