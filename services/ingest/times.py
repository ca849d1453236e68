"""When an event happened: what the platform says, within reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from services.ingest.rejection import RejectedEvent
from shared.events import Millis

AHEAD: Final = timedelta(minutes=5)
"""How far a platform's clock may run ahead of ours."""

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Settled(NamedTuple):
    """The time that an event gets, and whether it is not the one it came with."""

    time: Millis
    clamped: bool


def settle(claimed: datetime | None, now: datetime) -> Settled:
    """Return the time of an event that says it happened at `claimed`.

    One that says nothing happens now; one from too far ahead is set to the
    latest time allowed. Raises `RejectedEvent` for a time that no clock shows
    by accident: before 2000 or after 2099.
    """
    if claimed is None:
        return Settled(_millis(now), clamped=False)
    if not EARLIEST <= claimed < LATEST:
        raise RejectedEvent(422, "Invalid event", "The time is out of range.", pointer="/time")
    latest = now + AHEAD
    if claimed > latest:
        return Settled(_millis(latest), clamped=True)
    return Settled(_millis(claimed), clamped=False)


def _millis(moment: datetime) -> Millis:
    return Millis((moment - _EPOCH) // _MILLISECOND)
