"""What the REST routes of rule sets take and give."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from services.rules.pack import MOST_BYTES
from services.rules.pack_source import PackSource
from services.rules.rule_sets.versions import Deployment, Mode, Published
from services.rules.trials import Comparison, TrialVerdict
from shared.verdicts import Decision, Label

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
    patterns: list[dict[str, Any]]
    families: list[dict[str, Any]]
    composites: list[dict[str, Any]]
    faq: list[dict[str, Any]]
    overrides: list[dict[str, Any]]
    escalation: dict[str, Any]
    thresholds: dict[str, float | None]
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


class NewTrial(BaseModel):
    """How a version is tried."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"mode": "shadow"}, {"mode": "canary", "share": 10}]},
    )

    mode: Annotated[Mode, Field(description="`shadow`: it never acts. `canary`: it does in some.")]
    share: Annotated[
        int, Field(ge=1, le=100, description="Percent of the groups a canary is in force in.")
    ] = 10
    most_disputed: Annotated[
        float,
        Field(ge=0, le=100, description="Percent of actions disputed, beyond which it is ended."),
    ] = 5.0
    least_actions: Annotated[
        int, Field(ge=1, le=100_000, description="Actions from which on that counts.")
    ] = 50


class SaidAnswer(BaseModel):
    """A verdict, as far as verdicts are compared."""

    rule_set: str
    decision: Decision
    risk: float
    labels: list[Label]
    rules: list[str]


class DifferenceAnswer(BaseModel):
    """An event on which the two rule sets decide differently."""

    event: str
    group: str
    member: str
    time: datetime
    settled: SaidAnswer
    candidate: SaidAnswer
    acted: Annotated[bool, Field(description="The candidate's verdict was the one that counted.")]


class ComparisonAnswer(BaseModel):
    """What a version on trial says beside what it may replace, over the last 14 days.

    A rule set acts on an event if it asks for a warning or more.
    """

    both: Annotated[int, Field(description="Events on which both act.")]
    only_settled: int
    only_candidate: Annotated[int, Field(description="What it alone catches.")]
    overlap: Annotated[float | None, Field(description="Both, of all on which one acts.")]
    settled_precision: float | None
    candidate_precision: Annotated[
        float | None, Field(description="Confirmed, of those that moderators decided on.")
    ]
    differences: Annotated[list[DifferenceAnswer], Field(description="The latest 50.")]

    @classmethod
    def of(cls, found: Comparison, differences: list[TrialVerdict]) -> ComparisonAnswer:
        """Return a comparison as REST gives it."""
        shown = [msgspec.to_builtins(each) for each in differences]
        for each in shown:
            each["time"] = datetime.fromtimestamp(each["time"] / 1000, UTC)
        return cls(**msgspec.to_builtins(found), differences=shown)


class TrialAnswer(BaseModel):
    """The version on trial."""

    version: str
    mode: Mode
    share: int
    most_disputed: float
    least_actions: int
    since: datetime
    by: str


class ChangeAnswer(BaseModel):
    """A change of what is in force or on trial; `version` is null for the shipped rule set."""

    version: str | None
    at: datetime
    by: str
    why: str
    rule: Annotated[str, Field(description="The one it is about, if about one alone.")]


class DeploymentAnswer(BaseModel):
    """What of a tenant's rule sets is in force, within a second or two in every replica."""

    active: Annotated[str | None, Field(description="Null: the shipped rule set.")]
    trial: TrialAnswer | None
    withdrawn: Annotated[
        list[str], Field(description="Canary rules in shadow everywhere: they were disputed.")
    ]
    changes: Annotated[list[ChangeAnswer], Field(description="The latest 50, latest last.")]

    @classmethod
    def of(cls, deployment: Deployment) -> DeploymentAnswer:
        """Return a deployment as REST gives it."""
        plain = msgspec.to_builtins(deployment, builtin_types=(datetime,))
        return cls(**{name: plain[name] for name in cls.model_fields})
