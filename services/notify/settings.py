"""Notify's own settings, `STEWARD_NOTIFY_*`, beside those that every service shares."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from services.notify.endpoints import Verification
from services.notify.guard import Guard
from services.notify.health import HealthPolicy
from services.notify.retry import RetryPolicy
from services.notify.slots import Limits
from shared.settings import Settings

Network = IPv4Network | IPv6Network


class NotifySettings(Settings):
    """How deliveries are attempted. Lists are written with commas."""

    notify_allow_cidrs: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="Networks that webhooks may reach although they are not public."
    )
    notify_ports: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="The only ports webhooks may reach. Empty: 80, 443 and those over 1023."
    )
    notify_schedule_seconds: Annotated[tuple[float, ...], NoDecode] = Field(
        RetryPolicy().delays_seconds, description="Waits between one attempt and the next."
    )
    notify_retry_after_cap_seconds: float = Field(
        RetryPolicy().retry_after_cap_seconds, ge=0, description="Longest Retry-After obeyed."
    )
    notify_disable_after_seconds: float = Field(
        HealthPolicy().disable_after_seconds,
        gt=0,
        description="An endpoint that failed all this time is disabled.",
    )
    notify_breaker_failures: int = Field(
        HealthPolicy().failures,
        ge=1,
        description="Failures in a row after which an endpoint is left alone for a while.",
    )
    notify_breaker_seconds: float = Field(
        HealthPolicy().open_seconds,
        gt=0,
        description="How long at first; it doubles with each probe that fails, up to five minutes.",
    )
    notify_drain_per_second: float = Field(
        20, gt=0, description="Held deliveries a second, once their endpoint is back."
    )
    notify_slots: int = Field(
        Limits().per_endpoint, ge=1, description="Attempts at once to one endpoint."
    )
    notify_verification: Verification = Field(
        Verification.NONE,
        description="How every webhook endpoint is verified that asks for nothing else.",
    )
    notify_origin: str = Field(
        "steward", description="Who we are in the CloudEvents handshake: a DNS name."
    )
    notify_egress_proxy: SecretStr = Field(
        SecretStr(""), description="URL of an HTTP proxy through which webhooks leave. Empty: none."
    )
    notify_retention_days: float = Field(
        30, gt=0, description="How long a finished delivery is kept."
    )

    @field_validator("notify_allow_cidrs", "notify_ports", "notify_schedule_seconds", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @classmethod
    def extending(cls, settings: Settings) -> NotifySettings:
        """Return these settings with notify's own read from the environment."""
        if isinstance(settings, NotifySettings):
            return settings
        return cls(**settings.model_dump())

    @property
    def egress_proxy(self) -> str:
        """The proxy's URL, or nothing."""
        return self.notify_egress_proxy.get_secret_value()

    @property
    def guard(self) -> Guard:
        """Which addresses and ports webhooks may reach."""
        return Guard(allowed=self.notify_allow_cidrs, ports=frozenset(self.notify_ports))

    @property
    def retry_policy(self) -> RetryPolicy:
        """When a failed attempt is repeated."""
        return RetryPolicy(
            delays_seconds=self.notify_schedule_seconds,
            retry_after_cap_seconds=self.notify_retry_after_cap_seconds,
        )

    @property
    def health_policy(self) -> HealthPolicy:
        """When an endpoint is left alone."""
        return HealthPolicy(
            failures=self.notify_breaker_failures,
            open_seconds=self.notify_breaker_seconds,
            disable_after_seconds=self.notify_disable_after_seconds,
        )

    @property
    def limits(self) -> Limits:
        """How many attempts run and wait at once."""
        return Limits(per_endpoint=self.notify_slots)
