"""A case: a verdict or a report that a person looks at, and what was done about it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.rules.appeals import Appeals
from services.rules.review.evidence import Evidence
from services.rules.verdict import ACTING
from shared.actions import ActionKind
from shared.events import Group, Member, Message, Millis, Tenant, derive_id
from shared.reviews import CaseReviewed, Reviewer, ReviewStep
from shared.verdicts import Flag, Label

RULES: Final = Reviewer("rules")
"""Who is named where no person asked: the rules service itself."""
MOST_STEPS: Final = 100
MOST_REPORTERS: Final = 50


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    APPEALED = "appealed"
    CONFIRMED = "confirmed"
    OVERTURNED = "overturned"


UNDECIDED: Final = frozenset({CaseState.OPEN, CaseState.APPEALED})


class Reason(StrEnum):
    """Why a case was opened."""

    ESCALATED = "escalated"
    APPEALED = "appealed"
    IMMUNE = "immune"
    REPORTED = "reported"
    SUSPECTED = "suspected"
    REGULATED = "regulated"
    BY_HAND = "by_hand"


REASON_MEANINGS: Final = {
    Reason.ESCALATED: "the rule set asks for a person (`escalate`)",
    Reason.APPEALED: "the member appealed against a flag that had no case",
    Reason.IMMUNE: "it would have been removed, but the member is trusted",
    Reason.REPORTED: "members reported the message",
    Reason.SUSPECTED: "watched, with a risk of 0.45 or more",
    Reason.REGULATED: "gambling, pornography, fraud or contraband",
    Reason.BY_HAND: "a moderator opened it",
}
_WEIGHT: Final = {
    Reason.ESCALATED: 4.0,
    Reason.APPEALED: 3.0,
    Reason.IMMUNE: 2.0,
    Reason.BY_HAND: 2.0,
    Reason.REPORTED: 1.5,
    Reason.SUSPECTED: 1.0,
    Reason.REGULATED: 0.0,
}
_OVERDUE: Final = 10.0
_EACH_REPORTER: Final = 0.5


class Done(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a case: what was done, by whom, when, and what was said about it."""

    id: str
    step: ReviewStep
    by: Reviewer
    time: Millis
    note: str = ""


class Case(Struct, frozen=True, kw_only=True):
    """A case. Its `_id` is derived from its flag, or from the message that was reported.

    `taken` are the flags in force against the member with the actions that each
    led to: the first one, and what a moderator asked for beyond. `due_at` is
    when an appeal is to be answered at the latest, `appeal_until` until when
    one may be made.
    """

    tenant: Tenant
    group: Group
    member: Member
    flag: str
    message: Message | None
    reason: Reason
    labels: list[Label]
    rules: list[str]
    risk: float
    rank: float
    opened_at: Millis
    appeal_until: Millis
    evidence: Evidence
    state: CaseState = CaseState.OPEN
    reporters: list[Member] = []
    assignee: str = ""
    decided_by: Reviewer | None = None
    decided_at: Millis | None = None
    appealed: bool = False
    overdue: bool = False
    due_at: Millis | None = None
    taken: list[Taken] = []
    lesson: bool | None = None
    steps: list[Done] = []


class Taken(Struct, frozen=True, omit_defaults=True):
    """A flag in force, and the kinds of actions that were asked for because of it.

    `seconds` is the length of a mute among them (0: without end), `since` when it began.
    """

    flag: Flag
    actions: list[ActionKind] = []
    seconds: int = 0
    since: Millis = Millis(0)

    def asks_for(self, kind: ActionKind, seconds: int, now: Millis) -> bool:
        """Whether this was asked for: of a mute, for as long and not over yet."""
        if kind not in self.actions or kind is not ActionKind.MEMBER_MUTE:
            return kind in self.actions
        return self.seconds == seconds and not 0 < seconds * 1000 <= now - self.since


TOO_LATE: Final = "the time to appeal is over"


def case_id(flag: str) -> str:
    """Return the `_id` of the case of a flag."""
    return derive_id(flag, "case")


def rank_of(case: Case) -> float:
    """Return a case's place in the queue: greater first, for equal ones the oldest first."""
    reason = Reason.APPEALED if case.state is CaseState.APPEALED else case.reason
    reporters = _EACH_REPORTER * max(len(case.reporters) - 1, 0)
    return round(_WEIGHT[reason] + case.risk + reporters + _OVERDUE * case.overdue, 4)


def refusal(case: Case, review: CaseReviewed) -> str | None:
    """Return why a step cannot be taken, or None where it can."""
    step = review.step
    if case.state is CaseState.OVERTURNED:
        return "the case was overturned, and that is final"
    if step is ReviewStep.OPENED:
        return "the case is open already"
    if step is ReviewStep.APPEALED:
        return _no_appeal(case, review.time)
    if step is ReviewStep.ASSIGNED:
        return None if case.state in UNDECIDED else "the case is decided"
    if case.state is CaseState.APPEALED and case.decided_by is not None:
        if case.decided_by.is_same_as(review.by):
            return "an appeal is decided by somebody else than who decided the case"
    elif case.state is CaseState.CONFIRMED and step is ReviewStep.CONFIRMED:
        return None if _asks_for_more(review) else "the case is confirmed already"
    return None


def _asks_for_more(review: CaseReviewed) -> bool:
    """Whether it is a decision on a whole campaign, which confirmed copies take part in."""
    return review.campaign is not None and review.decision in ACTING


def _no_appeal(case: Case, time: Millis) -> str | None:
    if case.appealed:
        return "an appeal was made already; there is one"
    return TOO_LATE if time > case.appeal_until else None


def after(case: Case, review: CaseReviewed, appeals: Appeals) -> Case:
    """Return the case after a step that nothing refuses, with its deadlines."""
    done = Done(id=review.id, step=review.step, by=review.by, time=review.time, note=review.note)
    steps = [*case.steps, done][-MOST_STEPS:]
    if review.step is ReviewStep.ASSIGNED:
        changed = replace(case, assignee=review.assignee, steps=steps)
    elif review.step is ReviewStep.APPEALED:
        changed = replace(
            case,
            state=CaseState.APPEALED,
            appealed=True,
            assignee="",
            due_at=Millis(review.time + appeals.answer),
            steps=steps,
        )
    else:
        changed = _decided(replace(case, steps=steps), review, appeals)
    return replace(changed, rank=rank_of(changed))


def _decided(case: Case, review: CaseReviewed, appeals: Appeals) -> Case:
    upheld = review.step is ReviewStep.CONFIRMED
    first = upheld and case.state is CaseState.OPEN
    until = appeals.until(review.time) if first else case.appeal_until
    return replace(
        case,
        state=CaseState.CONFIRMED if upheld else CaseState.OVERTURNED,
        decided_by=review.by,
        decided_at=review.time,
        appeal_until=max(case.appeal_until, until),
        due_at=None,
        overdue=False,
    )


def overdue(case: Case) -> Case:
    """Return an appealed case whose time to be answered is over: it goes to the front."""
    late = replace(case, overdue=True, due_at=None)
    return replace(late, rank=rank_of(late))


def reported(case: Case, reporter: Member) -> Case:
    """Return the case after one more member reported the message."""
    if reporter in case.reporters or len(case.reporters) >= MOST_REPORTERS:
        return case
    more = replace(case, reporters=[*case.reporters, reporter])
    return replace(more, rank=rank_of(more))
