"""How much a key may send: token buckets, and how a client is told of them.

Each replica has buckets of its own, in memory: with n replicas behind a
balancer a key may send up to n times its limits, and a restart fills them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from math import ceil
from time import monotonic
from typing import Final, Protocol

from shared.web.keys import Limits
from shared.web.problems import Problem

DAY_SECONDS: Final = 86_400
MOST_KEYS: Final = 10_000
"""Keys whose buckets are remembered; the one unused for longest starts anew, full."""


class Limited(Protocol):
    """What may send only so much: a key, or a platform's door."""

    @property
    def id(self) -> str: ...

    @property
    def limits(self) -> Limits: ...


class OverQuota(Problem):
    """The key has used up what it may send for now."""

    def __init__(self, wait: float, headers: Mapping[str, str]) -> None:
        seconds = max(1, ceil(wait))
        super().__init__(
            429,
            "Too many requests",
            detail=f"The limit is reached; in {seconds} s this request fits again.",
            headers={"Retry-After": str(seconds), **headers},
        )


class Bucket:
    """A token bucket: `quota` tokens, refilled evenly over `window` seconds.

    What costs more than the whole quota passes when the bucket is full, and is
    paid off afterwards: the level may be below zero.
    """

    def __init__(self, name: str, unit: str, quota: int, window: int, now: float) -> None:
        self.policy = f'"{name}";q={quota};qu="{unit}";w={window}'
        self._name = name
        self._quota = quota
        self._rate = quota / window
        self._level = float(quota)
        self._at = now

    def wait(self, cost: int, now: float) -> float:
        """Return in how many seconds there is enough for `cost`: 0 if there is now."""
        self._refill(now)
        missing = min(cost, self._quota) - self._level
        return max(0.0, missing / self._rate)

    def take(self, cost: int) -> None:
        self._level -= cost

    def limit(self, now: float) -> str:
        """Return the bucket's item of the header `RateLimit`: what is left, when it is full."""
        self._refill(now)
        full = ceil((self._quota - self._level) / self._rate)
        return f'"{self._name}";r={max(0, int(self._level))};t={full}'

    def _refill(self, now: float) -> None:
        self._level = min(self._quota, self._level + (now - self._at) * self._rate)
        self._at = now


class Allowance:
    """The buckets of one key."""

    def __init__(self, limits: Limits, now: float) -> None:
        self.limits = limits
        self._requests = list(_buckets("requests", limits.requests_per_second, None, now))
        self._events = list(
            _buckets("events", limits.events_per_second, limits.events_per_day, now)
        )

    def begin(self, now: float) -> None:
        """Count a request, before it is read. Raises `OverQuota` with nothing counted.

        A key that has no event left is refused too, so that its body is not read.
        """
        self._check(self._requests, 1, now)
        self._check(self._events, 1, now)
        for bucket in self._requests:
            bucket.take(1)

    def spend(self, events: int, now: float) -> None:
        """Count a request's events. Raises `OverQuota` with none counted."""
        self._check(self._events, events, now)
        for bucket in self._events:
            bucket.take(events)

    def headers(self, now: float) -> dict[str, str]:
        """Return the headers that tell of the buckets.

        As the IETF's draft "RateLimit header fields for HTTP" has them.
        """
        buckets = [*self._requests, *self._events]
        return {
            "RateLimit-Policy": ", ".join(bucket.policy for bucket in buckets),
            "RateLimit": ", ".join(bucket.limit(now) for bucket in buckets),
        }

    def _check(self, buckets: list[Bucket], cost: int, now: float) -> None:
        wait = max((bucket.wait(cost, now) for bucket in buckets), default=0.0)
        if wait > 0:
            raise OverQuota(wait, self.headers(now))


class Quotas:
    """The allowances of keys and doors that have limits; others cost nothing."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._allowances: OrderedDict[str, Allowance] = OrderedDict()

    def begin(self, key: Limited) -> None:
        """Count a request of `key`. Raises `OverQuota`."""
        if not key.limits.unlimited:
            now = self._clock()
            self._of(key, now).begin(now)

    def spend(self, key: Limited, events: int) -> None:
        """Count events of `key`. Raises `OverQuota`, and then none is counted."""
        if not key.limits.unlimited:
            now = self._clock()
            self._of(key, now).spend(events, now)

    def headers(self, key: Limited) -> dict[str, str]:
        """Return the headers that an answer to `key` has; none where it has no limits."""
        if key.limits.unlimited:
            return {}
        now = self._clock()
        return self._of(key, now).headers(now)

    def _of(self, key: Limited, now: float) -> Allowance:
        known = self._allowances.get(key.id)
        if known is not None and known.limits == key.limits:
            self._allowances.move_to_end(key.id)
            return known
        made = self._allowances[key.id] = Allowance(key.limits, now)
        if len(self._allowances) > MOST_KEYS:
            self._allowances.popitem(last=False)
        return made


def _buckets(
    unit: str, per_second: int | None, per_day: int | None, now: float
) -> Iterator[Bucket]:
    if per_second is not None:
        yield Bucket(f"{unit}-per-second", unit, per_second, 1, now)
    if per_day is not None:
        yield Bucket(f"{unit}-per-day", unit, per_day, DAY_SECONDS, now)
