"""How an endpoint is doing, as deliveries show it: well, left alone, or disabled. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct, structs

from services.notify.attempts import Verdict
from shared.events import Millis, TenantId


class Breaker(StrEnum):
    """Whether an endpoint is attempted now (the circuit breaker of M. Nygard's Release It!)."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class HealthPolicy:
    """When to leave an endpoint alone.

    After `failures` in a row nothing is attempted for `open_seconds`, and then
    one delivery at a time until one succeeds; with each that fails the pause
    doubles, up to `longest_open_seconds`. After `disable_after_seconds` of
    nothing but failures it is disabled.
    """

    failures: int = 20
    open_seconds: float = 5
    longest_open_seconds: float = 300
    disable_after_seconds: float = 5 * 86_400


class EndpointState(Struct, frozen=True, kw_only=True):
    """What deliveries have shown about an endpoint; written by its partition's owner only.

    `failing_since` is the first failure since the last success, `failures`
    counts them as far as the policy looks, `open_until` is when the latest
    pause ends and `openings` how many there were since the last success.
    """

    tenant: TenantId
    failing_since: Millis | None = None
    disabled_at: Millis | None = None
    reason: str = ""
    failures: int = 0
    openings: int = 0
    open_until: Millis = Millis(0)

    def breaker(self, now: Millis) -> Breaker:
        """Return whether the endpoint is attempted at this moment."""
        if self.openings == 0:
            return Breaker.CLOSED
        return Breaker.OPEN if now < self.open_until else Breaker.HALF_OPEN

    def after(
        self, verdict: Verdict, reason: str, now: Millis, policy: HealthPolicy
    ) -> EndpointState:
        """Return the state once an attempt came to `verdict`."""
        if verdict is Verdict.SUCCEEDED:
            healthy = EndpointState(
                tenant=self.tenant, disabled_at=self.disabled_at, reason=self.reason
            )
            return self if healthy == self else healthy
        since = now if self.failing_since is None else self.failing_since
        failing = structs.replace(
            self, failing_since=since, failures=min(self.failures + 1, policy.failures)
        )
        if verdict is Verdict.GONE:
            return structs.replace(failing, disabled_at=now, reason=reason)
        if now - since >= policy.disable_after_seconds * 1000:
            return structs.replace(failing, disabled_at=now, reason="failing")
        if failing.failures >= policy.failures and self.breaker(now) is not Breaker.OPEN:
            return failing._opened(now, policy)
        return failing

    def since(self, enabled_at: Millis) -> EndpointState:
        """Return the state as it counts for an endpoint that was enabled at this moment."""
        if self.disabled_at is None or enabled_at <= self.disabled_at:
            return self
        return EndpointState(tenant=self.tenant)

    def _opened(self, now: Millis, policy: HealthPolicy) -> EndpointState:
        pause = min(policy.open_seconds * 2.0**self.openings, policy.longest_open_seconds)
        # Bounded so that the power above stays a number however long an endpoint is dead.
        openings = min(self.openings + 1, 30)
        return structs.replace(self, openings=openings, open_until=Millis(now + int(pause * 1000)))
