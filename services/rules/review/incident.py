"""An incident: a campaign's copies as one thing that a person decides on once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.rules.review.case import MOST_STEPS, CaseState, Done, case_id
from services.rules.review.copies import MOST_COPIES, Copy, nameless
from services.rules.verdict import ACTING
from shared.events import Group, Member, Millis, Tenant, derive_id
from shared.reviews import CaseReviewed, IncidentReviewed, IncidentSpread, ReviewStep, Teaches
from shared.stream.contracts import Kind
from shared.verdicts import Decision

ANSWERED: Final = Millis(3_600_000)
"""For how long what was done against a member is the answer to their later copies too."""


class Incident(Struct, frozen=True, kw_only=True):
    """A campaign. Its `_id` is the `campaign` of its copies' flags.

    `fingerprint` is what they have in common; `sample` is a text of theirs; `count`
    are all copies, `flagged` those that were flagged as the campaign's, `copies` the
    first of them: the others are in pages beside it.
    """

    tenant: Tenant
    fingerprint: str
    first_at: Millis
    last_at: Millis
    sample: str
    copies: list[Copy] = []
    count: int = 0
    flagged: int = 0
    groups: int = 0
    state: CaseState = CaseState.OPEN
    assignee: str = ""
    decision: Decision = Decision.ALLOW
    seconds: int = 0
    changed_at: Millis = Millis(0)
    steps: list[Done] = []


INCIDENTS: Final = Kind("incidents", Incident)


def incident_id(tenant: str, fingerprint: str) -> str:
    """Return the `_id` of a fingerprint's incident: what its flags name as their campaign."""
    return derive_id(f"{tenant}/{fingerprint}", "campaign")


def spread(
    old: Incident | None, found: IncidentSpread, new: Sequence[Copy], earlier: Iterable[Copy]
) -> Incident:
    """Return the incident with copies that are new to it, as many by name as it has room for.

    `earlier` are all that were known of the same groups: a message that is flagged
    again counts once.
    """
    flags = [*found.flags, *found.acted]
    times = [flag.time for flag in flags]
    incident = old or Incident(
        tenant=found.tenant,
        fingerprint=found.fingerprint,
        first_at=min(times),
        last_at=max(times),
        sample=str(getattr(flags[0].event, "text", ""))[:500],
    )
    earlier = list(earlier)
    groups = {copy.group for copy in new} - {copy.group for copy in earlier}
    met = {(copy.group, copy.message) for copy in earlier}
    count = sum(copy.message is None or (copy.group, copy.message) not in met for copy in new)
    by_campaign = {flag.id for flag in found.flags}
    return replace(
        incident,
        first_at=min(incident.first_at, *times),
        last_at=max(incident.last_at, *times),
        copies=[*incident.copies, *new][:MOST_COPIES],
        count=incident.count + count,
        flagged=incident.flagged + sum(copy.flag in by_campaign for copy in new),
        groups=incident.groups + len(groups),
    )


def refusal(incident: Incident, review: IncidentReviewed) -> str | None:
    """Return why a step cannot be taken, or None where it can."""
    if incident.state is CaseState.OVERTURNED:
        return "the incident was overturned, and that is final"
    if review.step is ReviewStep.ASSIGNED and incident.state is CaseState.CONFIRMED:
        return "the incident is decided"
    if review.step in (ReviewStep.OPENED, ReviewStep.APPEALED):
        return "an incident is confirmed, overturned or assigned"
    return None


def after(incident: Incident, review: IncidentReviewed) -> Incident:
    """Return the incident after a step that nothing refuses."""
    done = Done(id=review.id, step=review.step, by=review.by, time=review.time, note=review.note)
    steps = [*incident.steps, done][-MOST_STEPS:]
    if review.step is ReviewStep.ASSIGNED:
        return replace(incident, assignee=review.assignee, steps=steps)
    upheld = review.step is ReviewStep.CONFIRMED
    return replace(
        incident,
        state=CaseState.CONFIRMED if upheld else CaseState.OVERTURNED,
        decision=review.decision if upheld else Decision.ALLOW,
        seconds=review.seconds if upheld else 0,
        changed_at=review.time,
        steps=steps,
    )


def for_copies(
    incident: Incident,
    review: IncidentReviewed,
    copies: Iterable[Copy],
    earlier: Iterable[Copy] = (),
    decided: Millis | None = None,
) -> list[CaseReviewed]:
    """Return what a decision on the incident means for each of these copies, by itself.

    A member with several copies in a group, `earlier` ones among them, is acted against
    once, as long as that lasts. What is overturned takes back what rules did by
    themselves too. `decided` is when the decision was taken, if not with this review.
    """
    if not _reaches_copies(review.step, review.decision):
        return []
    answers = _Answers(review, review.time if decided is None else decided)
    for copy in earlier:
        answers.is_answered(copy)
    decisions: list[CaseReviewed] = []
    for copy in copies:
        again = answers.is_answered(copy)
        wanted = _AGAIN.get(review.decision, review.decision) if again else review.decision
        decisions.append(_for_copy(incident, review, copy, copy.flag, wanted))
        if copy.acted is not None and review.step is ReviewStep.OVERTURNED:
            decisions.append(_for_copy(incident, review, copy, copy.acted, wanted))
    return decisions


_AGAIN: Final = {
    Decision.WARN: Decision.ALLOW,
    Decision.MUTE: Decision.DELETE,
    Decision.KICK: Decision.DELETE,
    Decision.BAN: Decision.DELETE,
}
"""What is left to do about a further copy of a member whom a decision reached already."""


class _Answers:
    """When a decision that was taken at `decided` was last done against whom in which group."""

    def __init__(self, review: IncidentReviewed, decided: Millis) -> None:
        self._decided = decided
        self._span = float(ANSWERED)
        if review.decision is Decision.MUTE:
            self._span = review.seconds * 1000 or inf
        self._given: dict[tuple[Group, Member], Millis] = {}

    def is_answered(self, copy: Copy) -> bool:
        """Whether what was done about earlier copies answers this one too; else it is now."""
        whose, at = (copy.group, copy.member), max(copy.time, self._decided)
        given = self._given.get(whose)
        if given is not None and at - given < self._span:
            return True
        self._given[whose] = at
        return False


def for_late_copies(
    incident: Incident, new: Sequence[Copy], earlier: Iterable[Copy], found: IncidentSpread
) -> list[CaseReviewed]:
    """Return what the decision taken on an incident means for copies found after it."""
    decided = [done for done in incident.steps if done.step is not ReviewStep.ASSIGNED]
    if not decided or not _reaches_copies(decided[-1].step, incident.decision):
        return []
    last = decided[-1]
    review = IncidentReviewed(
        id=last.id,
        tenant=incident.tenant,
        time=max(last.time, found.time),
        by=last.by,
        note=last.note,
        fingerprint=incident.fingerprint,
        step=last.step,
        decision=incident.decision,
        seconds=incident.seconds,
    )
    subjects = {flag.id: flag for flag in (*found.flags, *found.acted)}
    decisions = for_copies(incident, review, new, earlier, last.time)
    return [replace(each, subject=subjects[each.flag]) for each in decisions]


def _reaches_copies(step: ReviewStep, decision: Decision) -> bool:
    """Whether each copy's own case changes: it is taken back, or more is done against it."""
    return step is ReviewStep.OVERTURNED or (step is ReviewStep.CONFIRMED and decision in ACTING)


def _for_copy(
    incident: Incident, review: IncidentReviewed, copy: Copy, flag: str, decision: Decision
) -> CaseReviewed:
    return CaseReviewed(
        id=derive_id(review.id, flag),
        tenant=incident.tenant,
        time=review.time,
        by=review.by,
        note=review.note,
        group=copy.group,
        case=case_id(flag),
        flag=flag,
        member=copy.member,
        step=review.step,
        decision=decision,
        seconds=review.seconds,
        teaches=Teaches.CONDUCT,
        campaign=incident_id(incident.tenant, incident.fingerprint),
    )


def without(incident: Incident, group: Group, member: Member) -> Incident:
    """Return a campaign without a member of a group, and without the sample if it was theirs."""
    first = [(copy.group, copy.member) for copy in incident.copies[:1]]
    copies = nameless(incident.copies, incident.tenant, group, member)
    return replace(
        incident, copies=copies, sample="" if first == [(group, member)] else incident.sample
    )
