"""An incident: a campaign's copies as one thing that a person decides on once."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.rules.outcome import message_of
from services.rules.review.case import MOST_STEPS, CaseState, Done, case_id
from shared.events import Group, Member, Millis, Tenant, derive_id
from shared.members import pseudonym
from shared.reviews import CaseReviewed, IncidentReviewed, IncidentSpread, ReviewStep
from shared.verdicts import Decision, Flag

MOST_COPIES: Final = 1_000
"""Copies of an incident that are kept by name; `count` goes on."""


class Copy(Struct, frozen=True, omit_defaults=True):
    """One copy: its flag, where it was and who wrote it."""

    flag: str
    group: Group
    member: Member
    time: Millis
    message: str | None = None


class Incident(Struct, frozen=True, kw_only=True):
    """A campaign. Its `_id` is the `campaign` of its copies' flags.

    `fingerprint` is what they have in common; `sample` is a text of theirs.
    """

    tenant: Tenant
    fingerprint: str
    first_at: Millis
    last_at: Millis
    sample: str
    copies: list[Copy] = []
    count: int = 0
    groups: int = 0
    state: CaseState = CaseState.OPEN
    assignee: str = ""
    decision: Decision = Decision.ALLOW
    seconds: int = 0
    changed_at: Millis = Millis(0)
    steps: list[Done] = []


def incident_id(tenant: str, fingerprint: str) -> str:
    """Return the `_id` of a fingerprint's incident: what its flags name as their campaign."""
    return derive_id(f"{tenant}/{fingerprint}", "campaign")


def spread(old: Incident | None, found: IncidentSpread) -> tuple[Incident, list[Flag]]:
    """Return the incident with more copies in it, and those flags that are new to it."""
    times = [flag.time for flag in found.flags]
    incident = old or Incident(
        tenant=found.tenant,
        fingerprint=found.fingerprint,
        first_at=min(times),
        last_at=max(times),
        sample=str(getattr(found.flags[0].event, "text", ""))[:500],
    )
    known = {copy.flag for copy in incident.copies}
    new = [flag for flag in found.flags if flag.id not in known]
    copies = [*incident.copies, *(_copy(flag) for flag in new)]
    return (
        replace(
            incident,
            first_at=min(incident.first_at, *times),
            last_at=max(incident.last_at, *times),
            copies=copies[:MOST_COPIES],
            count=incident.count + len(new),
            groups=len({copy.group for copy in copies}),
        ),
        new,
    )


def _copy(flag: Flag) -> Copy:
    event = flag.event
    return Copy(flag.id, event.group, event.member, flag.time, message_of(event))


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
    incident: Incident, review: IncidentReviewed, copies: list[Copy]
) -> list[CaseReviewed]:
    """Return what a decision on the incident means for each of these copies, by itself."""
    if not _reaches_copies(review.step, review.decision):
        return []
    return [_for_copy(incident, review, copy) for copy in copies]


def for_late_copies(incident: Incident, flags: list[Flag]) -> list[CaseReviewed]:
    """Return what the decision taken on an incident means for copies found after it."""
    decided = [done for done in incident.steps if done.step is not ReviewStep.ASSIGNED]
    if not decided or not _reaches_copies(decided[-1].step, incident.decision):
        return []
    last = decided[-1]
    review = IncidentReviewed(
        id=last.id,
        tenant=incident.tenant,
        time=last.time,
        by=last.by,
        note=last.note,
        fingerprint=incident.fingerprint,
        step=last.step,
        decision=incident.decision,
        seconds=incident.seconds,
    )
    return [replace(_for_copy(incident, review, _copy(flag)), subject=flag) for flag in flags]


def _reaches_copies(step: ReviewStep, decision: Decision) -> bool:
    """Whether each copy's own case changes: it is taken back, or more is done against it."""
    return step is ReviewStep.OVERTURNED or (
        step is ReviewStep.CONFIRMED and decision is not Decision.ALLOW
    )


def _for_copy(incident: Incident, review: IncidentReviewed, copy: Copy) -> CaseReviewed:
    return CaseReviewed(
        id=derive_id(review.id, copy.flag),
        tenant=incident.tenant,
        time=review.time,
        by=review.by,
        note=review.note,
        group=copy.group,
        case=case_id(copy.flag),
        flag=copy.flag,
        member=copy.member,
        step=review.step,
        decision=review.decision,
        seconds=review.seconds,
    )


def without(incident: Incident, group: Group, member: Member) -> Incident:
    """Return a campaign without a member of a group, and without the sample if it was theirs."""
    theirs = [copy.group == group and copy.member == member for copy in incident.copies]
    name = pseudonym(incident.tenant, member)
    copies = [
        replace(copy, member=name) if is_theirs else copy
        for copy, is_theirs in zip(incident.copies, theirs, strict=True)
    ]
    return replace(incident, copies=copies, sample="" if theirs[:1] == [True] else incident.sample)
