"""What one partition of rules counted in windows over all groups of a tenant."""

from __future__ import annotations

from msgspec import Struct

from shared.events import Count, Millis, Tenant, Time


class Counted(Struct, frozen=True, array_like=True, gc=False):
    """One event: where it lies in its partition's log, when it was, what of it is counted.

    `value` is a digest where different values are counted, `1` for an event that
    counts towards a share, and nothing otherwise.
    """

    offset: int
    time: Millis
    value: str = ""


class SeriesTally(Struct, frozen=True):
    """The events of one series, in the log's order. `span` is its window's, in milliseconds."""

    series: str
    span: int
    events: list[Counted]


class Tally(Struct, frozen=True, kw_only=True):
    """What the events of one batch add to some of a tenant's series.

    `partition` is whose events they are; `slot` tells which of the tenant's series. An
    event may come again in a tally cut differently: its offset tells.
    """

    id: str
    tenant: Tenant
    slot: Count
    partition: Count
    time: Time
    series: list[SeriesTally]

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return f"{self.tenant}/windows/{self.slot}"
