"""How often a member or a group may be written to: caps, a pause in between, quiet hours. Pure.

Whoever owns a partition keeps the contacts of its members and groups (`noted`)
and asks `Frequency.opening` before it writes to them again. Moments are in ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

MOST_REMEMBERED: Final = 64
"""Contacts that are remembered of a member or group; no cap may be higher."""
HORIZON_SECONDS: Final = 31 * 86_400
"""How long a contact is remembered; no cap may reach further back."""
_DAY_MINUTES: Final = 24 * 60

Minute = Annotated[int, Meta(ge=0, lt=_DAY_MINUTES)]
Seconds = Annotated[int, Meta(ge=0, le=HORIZON_SECONDS)]


class Hindrance(StrEnum):
    """Why somebody may not be written to now."""

    FREQUENCY_CAP = "frequency_cap"
    PAUSE = "pause"
    QUIET_HOURS = "quiet_hours"


class Contact(Struct, frozen=True):
    """Something that was sent: the id of its action, and when."""

    id: str
    at: int


class Cap(Struct, frozen=True):
    """At most `most` contacts within any `seconds`."""

    most: Annotated[int, Meta(ge=1, le=MOST_REMEMBERED)]
    seconds: Annotated[int, Meta(ge=1, le=HORIZON_SECONDS)]

    def opens(self, contacts: Sequence[Contact]) -> int:
        """Return from when (ms) one more contact fits; `contacts` are the earliest first."""
        if len(contacts) < self.most:
            return 0
        return contacts[-self.most].at + self.seconds * 1000


class QuietHours(Struct, frozen=True):
    """From `start` until `end`, minutes after local midnight in `zone` (IANA); may span midnight.

    Where both are equal, no hour is quiet.
    """

    start: Minute
    end: Minute
    zone: str

    def ends(self, now: int) -> int | None:
        """Return when the quiet that reigns at `now` (ms) ends; None if it is not quiet.

        A local time that a change of the clock leaves out counts as that much
        later. Raises `ZoneInfoNotFoundError` or `ValueError` for no such zone.
        """
        local = datetime.fromtimestamp(now / 1000, tz=ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        length = (self.end - self.start) % _DAY_MINUTES
        if (minute - self.start) % _DAY_MINUTES >= length:
            return None
        day = local.date() + timedelta(days=1 if minute >= self.end else 0)
        ends = datetime(
            day.year, day.month, day.day, *divmod(self.end, 60), tzinfo=ZoneInfo(self.zone)
        )
        for moment in (ends, ends.replace(fold=1), ends + timedelta(days=1)):
            if (end := _millis(moment)) > now:
                return end
        raise AssertionError("a day from now is later than now")


class Opening(NamedTuple):
    """The first moment at which somebody may be written to, and what forbids it until then."""

    at: int
    hindrance: Hindrance | None


class Frequency(Struct, frozen=True):
    """The limits on writing to one member or group."""

    caps: Annotated[list[Cap], Meta(max_length=5)] = []
    pause_seconds: Seconds = 0
    quiet: QuietHours | None = None

    def opening(self, contacts: Sequence[Contact], now: int) -> Opening:
        """Return from when one more contact is allowed, if none comes in between.

        `contacts` are those remembered, the earliest first. Where several
        limits hold, the one that holds longest is named.
        """
        waits = [(cap.opens(contacts), Hindrance.FREQUENCY_CAP) for cap in self.caps]
        if contacts and self.pause_seconds:
            waits.append((contacts[-1].at + self.pause_seconds * 1000, Hindrance.PAUSE))
        moment, hindrance = max(waits, default=(0, Hindrance.PAUSE))
        opening = Opening(now, None) if moment <= now else Opening(moment, hindrance)
        if self.quiet is not None and (end := self.quiet.ends(opening.at)) is not None:
            return Opening(end, Hindrance.QUIET_HOURS)
        return opening


def noted(contacts: Sequence[Contact], contact: Contact) -> list[Contact]:
    """Return the contacts with one more, the earliest first; a known id is not added again.

    What is older than `HORIZON_SECONDS`, or more than `MOST_REMEMBERED`, is
    forgotten: no cap asks for it.
    """
    if any(each.id == contact.id for each in contacts):
        return list(contacts)
    known = sorted([*contacts, contact], key=lambda each: (each.at, each.id))
    horizon = known[-1].at - HORIZON_SECONDS * 1000
    return [each for each in known if each.at > horizon][-MOST_REMEMBERED:]


def _millis(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
