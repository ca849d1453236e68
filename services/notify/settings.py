"""Notify's own settings, `STEWARD_NOTIFY_*`, beside those that every service shares."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from services.notify.guard import Guard
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
        RetryPolicy().disable_after_seconds,
        gt=0,
        description="An endpoint that failed all this time is disabled.",
    )
    notify_slots: int = Field(
        Limits().per_endpoint, ge=1, description="Attempts at once to one endpoint."
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
    def guard(self) -> Guard:
        """Which addresses and ports webhooks may reach."""
        return Guard(allowed=self.notify_allow_cidrs, ports=frozenset(self.notify_ports))

    @property
    def retry_policy(self) -> RetryPolicy:
        """When a failed attempt is repeated."""
        return RetryPolicy(
            delays_seconds=self.notify_schedule_seconds,
            retry_after_cap_seconds=self.notify_retry_after_cap_seconds,
            disable_after_seconds=self.notify_disable_after_seconds,
        )

    @property
    def limits(self) -> Limits:
        """How many attempts run and wait at once."""
        return Limits(per_endpoint=self.notify_slots)
