"""The console's own settings, `STEWARD_CONSOLE_*`, beside those that every service shares."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from services.console.client import Upstream
from services.console.oidc.configuration import CALLBACK, Oidc, is_safe, roles_of
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

    console_url: str = Field(
        f"http://127.0.0.1:{DEFAULT_PORTS['console']}",
        description="Where people reach the console: the identity provider sends them back there.",
    )
    console_oidc_issuer: str = Field(
        "", description="The identity provider that people may sign in with; empty: none."
    )
    console_oidc_client_id: str = Field("", description="What the provider calls the console.")
    console_oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="The console's secret with the provider; empty: PKCE alone."
    )
    console_oidc_scope: str = Field(
        "openid profile email", description="What the provider is asked for."
    )
    console_oidc_claim: str = Field(
        "groups", description="The claim of the ID token that gives a role."
    )
    console_oidc_roles: str = Field(
        "",
        description="Which of its values give which role: `admin=leads, moderator=helpers`. "
        "Who has none is refused.",
    )
    console_oidc_key: SecretStr = Field(
        SecretStr(""),
        description="API key with the scope `admin`: makes a key for each person who signs in.",
    )

    @field_validator("console_oidc_issuer", "console_url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        if url and not is_safe(url):
            raise ValueError("has to be an address with HTTPS, or of this machine")
        return url

    @field_validator("console_oidc_roles")
    @classmethod
    def _are_roles(cls, text: str) -> str:
        roles_of(text)
        return text

    @field_validator("console_oidc_client_id", "console_oidc_roles", "console_oidc_key")
    @classmethod
    def _is_there(cls, value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        told = value.get_secret_value() if isinstance(value, SecretStr) else value
        if info.data.get("console_oidc_issuer") and not told:
            raise ValueError("is needed with STEWARD_CONSOLE_OIDC_ISSUER")
        return value

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
    def oidc(self) -> Oidc | None:
        """How people sign in with an identity provider; None where there is none."""
        if not self.console_oidc_issuer:
            return None
        return Oidc(
            issuer=self.console_oidc_issuer,
            client_id=self.console_oidc_client_id,
            client_secret=self.console_oidc_client_secret,
            key=self.console_oidc_key,
            scope=self.console_oidc_scope,
            claim=self.console_oidc_claim,
            roles=roles_of(self.console_oidc_roles),
            callback=self.console_url.rstrip("/") + CALLBACK,
        )

    @property
    def urls(self) -> dict[Upstream, str]:
        """Where each service is."""
        return {each: getattr(self, f"console_{each}_url").rstrip("/") for each in Upstream}
