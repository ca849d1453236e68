"""Rules' own settings, `STEWARD_RULES_*`, beside those that every service shares."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from services.rules.opinions.endpoint import Endpoint
from services.rules.opinions.opinion import LEAST_RISK, Ambiguity
from services.rules.review.opening import SUSPECTED
from shared.settings import Settings


class RulesSettings(Settings):
    """Whether and how a language model is asked. Lists are written with commas."""

    rules_llm_model: str = Field("", description="The model to ask, as the API names it.")
    rules_llm_url: str = Field(
        "",
        description="Base URL of an OpenAI-compatible API, as in https://host/v1. A language model "
        "is asked there about messages that rules leave open. Empty: nobody is asked.",
    )
    rules_llm_key: SecretStr = Field(SecretStr(""), description="Its API key. Empty: none is sent.")
    rules_llm_timeout_seconds: float = Field(10, gt=0, le=60, description="Longest wait for it.")
    rules_llm_calls_per_day: int = Field(
        1000, ge=0, description="How often it is asked a day (UTC) for each tenant."
    )
    rules_llm_least_risk: float = Field(
        LEAST_RISK,
        gt=0,
        lt=SUSPECTED,
        description="From which risk on rules are taken to leave a message open.",
    )
    rules_llm_tenants: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="The only tenants for which it is asked. Empty: all of them."
    )

    @field_validator("rules_llm_tenants", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("rules_llm_url")
    @classmethod
    def _is_base(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("a URL begins with http:// or https:// and names a host")
        if parts.query or parts.fragment or parts.username is not None:
            raise ValueError("a base URL has no credentials, query or fragment")
        if value and not info.data.get("rules_llm_model"):
            raise ValueError("a model is asked: STEWARD_RULES_LLM_MODEL names it")
        return value

    @property
    def endpoint(self) -> Endpoint | None:
        """Where a language model is asked, if one is."""
        if not self.rules_llm_url:
            return None
        return Endpoint(
            self.rules_llm_url,
            self.rules_llm_key,
            self.rules_llm_model,
            self.rules_llm_timeout_seconds,
        )

    @property
    def ambiguity(self) -> Ambiguity | None:
        """What it is asked about, if it is asked."""
        if not self.rules_llm_url:
            return None
        return Ambiguity(self.rules_llm_least_risk, frozenset(self.rules_llm_tenants))

    @classmethod
    def extending(cls, settings: Settings) -> RulesSettings:
        """Return these settings with rules' own read from the environment."""
        if isinstance(settings, RulesSettings):
            return settings
        return cls(**settings.model_dump())
