"""A rule pack as it is written: the shape of the YAML."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from services.rules.vocabulary import Subject
from services.rules.windows import Facet
from shared.actions import ActionKind
from shared.verdicts import Decision, Label

Who = Literal["member", "staff", "anyone"]
Risk = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[int, Meta(ge=0, le=31_536_000)]
Because = Annotated[str, Meta(max_length=500)]
Said = Annotated[str, Meta(max_length=4_000)]
"""What a pack has the platform say."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Thresholds(_Part, frozen=True, kw_only=True):
    """From which risk on a verdict is which decision; those without a risk come otherwise."""

    watch: Risk
    warn: Risk
    delete: Risk
    mute: Risk | None = None
    kick: Risk | None = None
    ban: Risk | None = None
    escalate: Risk | None = None
    mute_seconds: Seconds = 600


class Step(_Part, frozen=True, kw_only=True):
    """What a removal becomes after `after` earlier ones; `seconds` is a mute's length."""

    after: Annotated[int, Meta(ge=0, le=1_000)]
    decision: Decision
    seconds: Seconds = 0


class Escalation(_Part, frozen=True, kw_only=True):
    """How a member's removals within `within` harden the next verdict."""

    within: str
    steps: list[Step]


class LabelPolicy(_Part, frozen=True, kw_only=True):
    """How far a label may go by itself, and what members are told."""

    label: Label
    at_most: Decision
    text: Said = ""


class NamedCondition(_Part, frozen=True, kw_only=True):
    """A condition that others may use: `is.<name>`."""

    name: str
    when: str


class PatternSource(_Part, frozen=True, kw_only=True, rename={"in_": "in"}):
    """A pattern that conditions may use as `pattern.<name>`: in RE2's syntax, in any case.

    It looks at the text as it is read (folded, homophones resolved), or as it was written.
    """

    name: str
    matches: str
    in_: Literal["read", "written"] = "read"


class FaqSource(_Part, frozen=True, kw_only=True):
    """A question that is asked often, in all its wordings, and its answer."""

    ask: list[str]
    answer: Said


class Family(_Part, frozen=True, kw_only=True):
    """Rules that tell the same: together they weigh `at_most` so much."""

    name: str
    at_most: float


class CompositeSource(_Part, frozen=True, kw_only=True):
    """What several rules mean together: `when` is about which of them fired (`rule.<name>`).

    Those that it `replaces` weigh nothing any more; `least` and `at_most` are as in a rule.
    """

    name: str
    label: Label
    weight: float
    when: str
    because: Because
    replaces: list[str] = []
    least: Decision = Decision.ALLOW
    at_most: Decision | None = None


class WindowSource(_Part, frozen=True, kw_only=True):
    """A window as written: `of` which events, `when` a condition holds, `by` what.

    It counts events, or `unique` values of a facet, or events `per` minute or
    hour, or the `share` of events, in percent, for which another condition holds.
    """

    name: str
    span: str
    by: list[Facet]
    of: list[Subject]
    unique: Facet | None = None
    when: str = "true"
    per: Literal["minute", "hour"] | None = None
    share: str = ""


class RuleSource(_Part, frozen=True, kw_only=True):
    """A rule as written: it leads to `least` this, and by itself, or with others of the kind,
    `at_most` to that (if it is not given, its label's). In `shadow` it counts only in what is
    compared.

    A `canary` counts in `share` percent of the groups, and is in shadow in the others. It
    goes into shadow everywhere once, of at least `least_actions` events acted on
    with it, more than `most_disputed` percent are disputed.
    """

    name: str
    label: Label
    weight: float
    when: str
    because: Because
    on: tuple[Subject, ...] = (Subject.MESSAGE,)
    who: Who = "member"
    least: Decision = Decision.ALLOW
    at_most: Decision | None = None
    family: str = ""
    mode: Literal["enforce", "shadow", "canary"] = "enforce"
    share: Annotated[int, Meta(ge=0, le=100)] = 10
    most_disputed: Annotated[float, Meta(ge=0, le=100)] = 5.0
    least_actions: Annotated[int, Meta(ge=1, le=100_000)] = 50


class AutomationSource(_Part, frozen=True, kw_only=True):
    """An automation as written: what to do when a condition holds."""

    name: str
    on: tuple[Subject, ...]
    when: str
    do: ActionKind
    text: Said = ""
    seconds: Seconds = 0
    who: Who = "member"


class CampaignPolicy(_Part, frozen=True, kw_only=True):
    """What of a tenant's makes a campaign: copies in `groups` different groups `within` a span."""

    groups: Annotated[int, Meta(ge=2, le=50)] = 3
    within: str = "10m"


class AppealPolicy(_Part, frozen=True, kw_only=True):
    """`within` what span a member may appeal, and within what span that is to be answered."""

    within: str = "14d"
    answer: str = "72h"


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
    lists: list[str] = []
    conditions: list[NamedCondition] = []
    windows: list[WindowSource]
    rules: list[RuleSource]
    families: list[Family] = []
    composites: list[CompositeSource] = []
    patterns: list[PatternSource] = []
    faq: list[FaqSource] = []
    automations: list[AutomationSource] = []
    overrides: list[GroupOverride] = []
    campaigns: CampaignPolicy = CampaignPolicy()
    appeals: AppealPolicy = AppealPolicy()


class Extension(_Part, frozen=True, kw_only=True):
    """A pack that only says how it differs from the shipped one."""

    name: str
    extends: Literal["default"]
    description: str = ""
    thresholds: Thresholds | None = None
    escalation: Escalation | None = None
    labels: list[LabelPolicy] = []
    lists: list[str] = []
    conditions: list[NamedCondition] = []
    windows: list[WindowSource] = []
    rules: list[RuleSource] = []
    families: list[Family] = []
    composites: list[CompositeSource] = []
    patterns: list[PatternSource] = []
    faq: list[FaqSource] = []
    automations: list[AutomationSource] = []
    disable: list[str] = []
    weights: dict[str, float] = {}
    overrides: list[GroupOverride] = []
    campaigns: CampaignPolicy | None = None
    appeals: AppealPolicy | None = None
