"""When a failed delivery is attempted again. Pure."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from services.notify.attempts import HEEDS_RETRY_AFTER, Result
from shared.events import Millis
from shared.retry_after import retry_after

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The schedule and its limits.

    `delays_seconds` are the waits after the first, second, … attempt, so there
    is one attempt more than there are waits. `jitter` is the largest share of a
    wait that is added to it.
    """

    delays_seconds: tuple[float, ...] = (5, 30, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
    jitter: float = 0.2
    retry_after_cap_seconds: float = _DAY

    def next_due(self, delivery: str, made: int, result: Result, now: Millis) -> Millis | None:
        """Return when to attempt again after `made` attempts; None: no more.

        A `Retry-After` that counts is obeyed to the millisecond up to the cap;
        otherwise the wait of the schedule is the least, and jitter only adds.
        """
        if not 1 <= made <= len(self.delays_seconds):
            return None
        asked = self._asked_wait(result, now)
        if asked is not None:
            return Millis(now + asked)
        wait = self.delays_seconds[made - 1] * 1000
        return Millis(now + math.ceil(wait + wait * self.jitter * fraction(delivery, made)))

    def _asked_wait(self, result: Result, now: Millis) -> int | None:
        if result.status not in HEEDS_RETRY_AFTER:
            return None
        asked = retry_after(result.retry_after, now)
        return None if asked is None else min(asked, int(self.retry_after_cap_seconds * 1000))


def fraction(delivery: str, made: int) -> float:
    """Return a number in [0, 1) that is always the same for this attempt of this delivery."""
    digest = hashlib.blake2b(f"{delivery}\x1f{made}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / 2**53
