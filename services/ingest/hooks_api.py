"""How a platform's door is told in REST: its platform, secrets and mapping."""

from __future__ import annotations

from typing import Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from services.ingest.keys_api import LimitsBody
from services.ingest.platforms.contract import Mapped, SecretsError
from services.ingest.platforms.generic import MappingError, check_mapping
from services.ingest.platforms.table import PLATFORMS, check_secrets
from services.ingest.store import HOOK_LIMITS, Hook
from shared.web.problems import Problem, pointer


class RuleIn(BaseModel):
    """How items become events of one type; every value is a CEL expression over `item`, `body`."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(examples=["message.posted"], description="The event's type, not CEL.")
    id: str = Field(examples=["item.id"], description="What makes a repeated item count once.")
    data: dict[str, str] = Field(examples=[{"group": "item.room", "member": "item.user"}])
    when: str = Field("true", examples=["item.kind == 'post'"])
    time: str | None = Field(
        None,
        examples=["item.at"],
        description="Unix seconds, milliseconds or RFC 3339. Missing: the time of arrival.",
    )


class MappingIn(BaseModel):
    """What becomes of a generic source's JSON: for each item, the first rule that applies."""

    model_config = ConfigDict(extra="forbid")

    rules: list[RuleIn]
    each: str | None = Field(
        None, examples=["body.items"], description="The list of items; the body itself without."
    )


class HookIn(BaseModel):
    """A platform's door: which platform, and the secrets that its requests prove to know."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"platform": "telegram", "secrets": {"secret_token": "a-long-token"}}]
        },
    )

    platform: str = Field(json_schema_extra={"enum": list(PLATFORMS)})
    secrets: dict[str, str] = Field(description="By the platform's names; never shown again.")
    mapping: MappingIn | None = Field(None, description="For `generic` only, which needs it.")

    limits: LimitsBody = Field(
        LimitsBody(requests_per_second=HOOK_LIMITS.requests_per_second),
        description="How much the platform may send; what is more gets 429 and is sent again.",
    )

    @property
    def mapped(self) -> Mapped | None:
        """The mapping as the door uses it."""
        return None if self.mapping is None else msgspec.convert(self.mapping.model_dump(), Mapped)

    def validate_for_platform(self) -> None:
        """Raise `Problem` (422) unless secrets and mapping are what the platform needs."""
        platform = PLATFORMS.get(self.platform)
        if platform is None:
            raise _invalid(f"there is no platform {self.platform!r}", "platform")
        try:
            check_secrets(platform, self.secrets)
        except SecretsError as error:
            raise _invalid(str(error), "secrets") from None
        mapping = self.mapped
        if (mapping is not None) != (platform.name == "generic"):
            raise _invalid("`generic` needs a mapping, and nothing else has one", "mapping")
        if mapping is not None:
            _check(mapping)


class HookOut(BaseModel):
    """A platform's door; its secrets are never shown."""

    platform: str = Field(examples=["telegram"])
    path: str = Field(
        examples=["/v1/hooks/telegram/hk_…"],
        description="The address to give to the platform, behind this service's public host.",
    )
    secrets: list[str] = Field(description="The names of the secrets that are set.")
    mapping: MappingIn | None
    limits: LimitsBody

    @classmethod
    def of(cls, hook: Hook) -> Self:
        mapping = msgspec.to_builtins(hook.mapping)
        return cls(
            platform=hook.platform,
            path=f"/v1/hooks/{hook.platform}/{hook.key}",
            secrets=sorted(hook.secrets),
            mapping=None if mapping is None else MappingIn.model_validate(mapping),
            limits=LimitsBody.model_validate(msgspec.to_builtins(hook.limits)),
        )


def _check(mapping: Mapped) -> None:
    try:
        check_mapping(mapping)
    except MappingError as error:
        errors = [
            {"pointer": pointer("hook", "mapping", *fault.place), "detail": fault.detail}
            for fault in error.faults
        ]
        raise Problem(422, "Invalid request", errors=errors) from None


def _invalid(detail: str, place: str) -> Problem:
    errors = [{"pointer": pointer("hook", place), "detail": detail}]
    return Problem(422, "Invalid request", errors=errors)
