"""A rule pack as it is written: the shape of the YAML."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from services.rules.vocabulary import Subject
from services.rules.windows import Facet
from shared.events import ActionKind, Decision, Label

Who = Literal["member", "staff", "anyone"]


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Thresholds(_Part, frozen=True, kw_only=True):
    """From which risk on a verdict is watch, warn, delete."""

    watch: float
    warn: float
    delete: float


class Step(_Part, frozen=True, kw_only=True):
    """What a removal becomes after `after` earlier ones; `seconds` is a mute's length."""

    after: int
    decision: Decision
    seconds: int = 0


class Escalation(_Part, frozen=True, kw_only=True):
    """How a member's removals within `within` harden the next verdict."""

    within: str
    steps: list[Step]


class LabelPolicy(_Part, frozen=True, kw_only=True):
    """How far a label may go by itself, and what members are told."""

    label: Label
    at_most: Decision
    text: str = ""


class NamedCondition(_Part, frozen=True, kw_only=True):
    """A condition that others may use: `is.<name>`."""

    name: str
    when: str


class WindowSource(_Part, frozen=True, kw_only=True):
    """A window as written: `of` which events, `when` a condition holds, `by` what."""

    name: str
    span: str
    by: list[Facet]
    of: list[Subject]
    unique: Facet | None = None
    when: str = "true"


class RuleSource(_Part, frozen=True, kw_only=True):
    """A rule as written."""

    name: str
    label: Label
    weight: float
    when: str
    because: str
    on: tuple[Subject, ...] = (Subject.MESSAGE,)
    who: Who = "member"
    least: Decision = Decision.ALLOW


class AutomationSource(_Part, frozen=True, kw_only=True):
    """An automation as written: what to do when a condition holds."""

    name: str
    on: tuple[Subject, ...]
    when: str
    do: ActionKind
    text: str = ""
    seconds: int = 0
    who: Who = "member"


class GroupOverride(_Part, frozen=True, kw_only=True):
    """What is different in some groups: `groups` are ids, or beginnings of ids that end in `*`."""

    groups: list[str]
    thresholds: Thresholds | None = None
    weights: dict[str, float] = {}
    disable: list[str] = []


class PackSource(_Part, frozen=True, kw_only=True):
    """The whole pack as written."""

    name: str
    description: str
    thresholds: Thresholds
    escalation: Escalation
    labels: list[LabelPolicy]
    conditions: list[NamedCondition] = []
    windows: list[WindowSource]
    rules: list[RuleSource]
    automations: list[AutomationSource] = []
    overrides: list[GroupOverride] = []


class Extension(_Part, frozen=True, kw_only=True):
    """A pack that only says how it differs from the shipped one."""

    name: str
    extends: Literal["default"]
    description: str = ""
    thresholds: Thresholds | None = None
    escalation: Escalation | None = None
    labels: list[LabelPolicy] = []
    conditions: list[NamedCondition] = []
    windows: list[WindowSource] = []
    rules: list[RuleSource] = []
    automations: list[AutomationSource] = []
    disable: list[str] = []
    weights: dict[str, float] = {}
    overrides: list[GroupOverride] = []
