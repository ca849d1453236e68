"""What the REST routes of rule sets take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from services.rules.pack import MOST_BYTES
from services.rules.pack_source import PackSource
from services.rules.rule_sets.versions import Deployment, Published

_EXAMPLE = """\
name: acme
extends: default
thresholds: {watch: 0.35, warn: 0.5, delete: 0.7}
"""


class NewRuleSet(BaseModel):
    """A rule set to publish."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"source": _EXAMPLE, "note": "warns earlier"}]},
    )

    source: Annotated[
        str, Field(max_length=MOST_BYTES, description="The pack in YAML: see docs/rules.md.")
    ]
    note: Annotated[str, Field(max_length=500, description="Why it was made.")] = ""


class RuleSetAnswer(BaseModel):
    """A rule set, with all that it inherits."""

    name: str
    version: Annotated[str, Field(examples=["default@0123456789ab"])]
    description: str
    rules: list[dict[str, Any]]
    windows: list[dict[str, Any]]
    automations: list[dict[str, Any]]
    labels: list[dict[str, Any]]
    conditions: list[dict[str, Any]]
    overrides: list[dict[str, Any]]
    thresholds: dict[str, float]
    source: Annotated[str, Field(description="The pack as it is written, in YAML.")]

    @classmethod
    def of(cls, source: PackSource, version: str, text: str) -> RuleSetAnswer:
        """Return a rule set as REST gives it."""
        plain = msgspec.to_builtins(source)
        parts = {name: plain[name] for name in cls.model_fields if name in plain}
        return cls(**parts, version=version, source=text)


class VersionAnswer(BaseModel):
    """A published version."""

    version: str
    note: str
    created_at: datetime
    created_by: Annotated[str, Field(description="The id of the key that published it.")]

    @classmethod
    def of(cls, version: Published) -> VersionAnswer:
        """Return a version as lists give it."""
        return cls(**{name: getattr(version, name) for name in cls.model_fields})


class VersionPage(BaseModel):
    """Some versions, latest first, and the cursor of the next ones."""

    items: list[VersionAnswer]
    next: str | None


class ChangeAnswer(BaseModel):
    """A change of what is in force; `version` is null for the shipped rule set."""

    version: str | None
    at: datetime
    by: str
    why: str


class DeploymentAnswer(BaseModel):
    """What of a tenant's rule sets is in force, within a second or two in every replica."""

    active: Annotated[str | None, Field(description="Null: the shipped rule set.")]
    changes: Annotated[list[ChangeAnswer], Field(description="The latest 50, latest last.")]

    @classmethod
    def of(cls, deployment: Deployment) -> DeploymentAnswer:
        """Return a deployment as REST gives it."""
        plain = msgspec.to_builtins(deployment, builtin_types=(datetime,))
        return cls(**{name: plain[name] for name in cls.model_fields})
