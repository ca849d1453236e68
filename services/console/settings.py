"""The console's own settings, `STEWARD_CONSOLE_*`, beside those that every service shares."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator

from services.console.client import Upstream
from shared.settings import DEFAULT_PORTS, Settings

LEAST_SECRET: Final = 32
"""Fewest characters of a secret that seals sessions."""


class ConsoleSettings(Settings):
    """Where the services are, and how people are signed in."""

    console_ingest_url: str = Field(
        f"http://127.0.0.1:{DEFAULT_PORTS['ingest']}", description="Base URL of ingest."
    )
    console_rules_url: str = Field(
        f"http://127.0.0.1:{DEFAULT_PORTS['rules']}", description="Base URL of rules."
    )
    console_scoring_url: str = Field(
        f"http://127.0.0.1:{DEFAULT_PORTS['scoring']}", description="Base URL of scoring."
    )
    console_notify_url: str = Field(
        f"http://127.0.0.1:{DEFAULT_PORTS['notify']}", description="Base URL of notify."
    )
    console_secret: SecretStr = Field(
        SecretStr(""),
        description="What seals the sessions: 32 characters or more, the same on every replica. "
        "Empty: a random one, so that a restart signs everybody out.",
    )
    console_session_hours: float = Field(
        12, gt=0, le=720, description="How long somebody stays signed in."
    )
    console_https: bool = Field(
        False,
        description="People reach the console over HTTPS alone: cookies are Secure, HSTS is sent.",
    )
    console_timezone: str = Field(
        "UTC", description="IANA time zone of times shown, where the browser has not told its own."
    )
    console_timeout_seconds: float = Field(
        5, gt=0, le=60, description="How long the console waits for a service."
    )

    @field_validator("console_secret")
    @classmethod
    def _is_long(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value()) < LEAST_SECRET:
            raise ValueError(f"has to have {LEAST_SECRET} characters or more")
        return secret

    @field_validator("console_timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"there is no time zone {name!r}") from None
        return name

    @classmethod
    def extending(cls, settings: Settings) -> ConsoleSettings:
        """Return these settings with the console's own read from the environment."""
        if isinstance(settings, ConsoleSettings):
            return settings
        return cls(**settings.model_dump())

    @property
    def urls(self) -> dict[Upstream, str]:
        """Where each service is."""
        return {each: getattr(self, f"console_{each}_url").rstrip("/") for each in Upstream}
