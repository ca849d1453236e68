"""Numbers and moments as people read them, in the language and time zone of the reader."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.console.catalogue import Translator

MINUTE: Final = 60.0
HOUR: Final = 3_600.0
DAY: Final = 86_400.0
_STEPS: Final = ((DAY, "ago.days"), (HOUR, "ago.hours"), (MINUTE, "ago.minutes"))


class Format:
    """Writes values for one reader, as of `now`."""

    def __init__(self, t: Translator, zone: tzinfo, now: datetime) -> None:
        self._t = t
        self.zone = zone
        self.now = now

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return a number with thousands apart; a dash for None."""
        return "–" if value is None else f"{value:,.{digits}f}"

    def percent(self, share: float | None, digits: int = 0) -> str:
        """Return a share of 1 as per cent."""
        return "–" if share is None else f"{share * 100:.{digits}f}%"

    def ago(self, moment: datetime | None) -> str:
        """Return how long ago a moment was, or how far off it is, roughly."""
        if moment is None:
            return "–"
        seconds = (self.now - moment).total_seconds()
        later = seconds < 0
        for size, key in _STEPS:
            if abs(seconds) >= size:
                told = self._t(key, n=int(abs(seconds) // size))
                return self._t("ago.in" if later else "ago.past", span=told)
        return self._t("ago.soon" if later else "ago.now")

    def span(self, seconds: float) -> str:
        """Return a length of time, roughly."""
        for size, key in _STEPS:
            if seconds >= size:
                return self._t(key, n=int(seconds // size))
        return self._t("ago.seconds", n=int(seconds))

    def moment(self, moment: datetime | None) -> str:
        """Return a moment to the minute."""
        return "–" if moment is None else f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def clock(self, moment: datetime | None) -> str:
        """Return the time of day to the second."""
        return "–" if moment is None else f"{moment.astimezone(self.zone):%H:%M:%S}"

    def day(self, moment: datetime | None) -> str:
        """Return a moment's day."""
        return "–" if moment is None else f"{moment.astimezone(self.zone):%Y-%m-%d}"

    def bytes(self, size: int) -> str:
        """Return a size in the unit that fits."""
        return f"{size / 1024:,.1f} KB" if size >= 1024 else f"{size} B"


def zone_of(name: str | None, otherwise: str) -> tzinfo:
    """Return the time zone of a name, or the other one where there is no such zone."""
    for each in (name, otherwise):
        if not each:
            continue
        try:
            return ZoneInfo(each)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return UTC
