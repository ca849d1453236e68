"""Until when a member may appeal, and by when an appeal is to be answered."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from shared.events import Millis


class Appeals(Struct, frozen=True):
    """A tenant's deadlines, in milliseconds.

    An appeal comes `within` one span after the flag, or after a moderator confirmed
    it, and is decided within the span `answer` after it was made.
    """

    within: Millis = Millis(14 * 86_400_000)
    answer: Millis = Millis(72 * 3_600_000)

    def until(self, made: Millis) -> Millis:
        """Return until when a flag that was made then may be appealed against."""
        return Millis(made + self.within)


SHIPPED: Final = Appeals()
