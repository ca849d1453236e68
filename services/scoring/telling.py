"""How often and when something is told of one member: a tenant's own limits."""

from __future__ import annotations

from msgspec import Struct

from shared.frequency import Cap, Frequency, QuietHours


class Telling(Struct, frozen=True, kw_only=True):
    """At most `most` things in `within_days` about a member, `pause_hours` apart at least.

    Nothing from `quiet_from` until `quiet_until`, minutes after local midnight;
    where both are equal, no hour is quiet.
    """

    most: int = 4
    within_days: int = 28
    pause_hours: int = 24
    quiet_from: int = 22 * 60
    quiet_until: int = 8 * 60

    def frequency(self, zone: str) -> Frequency:
        """Return the limits by the clock of a zone (IANA)."""
        return Frequency(
            caps=[Cap(self.most, self.within_days * 86_400)],
            pause_seconds=self.pause_hours * 3_600,
            quiet=QuietHours(self.quiet_from, self.quiet_until, zone),
        )
