"""An incident: a campaign's copies as one thing that a person decides on once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.rules.outcome import message_of
from services.rules.review.case import MOST_STEPS, CaseState, Done, case_id
from shared.events import Group, Member, Millis, Tenant, derive_id
from shared.members import pseudonym
from shared.reviews import CaseReviewed, IncidentReviewed, IncidentSpread, ReviewStep, Teaches
from shared.verdicts import Decision, Flag

MOST_COPIES: Final = 1_000
"""Copies of an incident that are kept by name; `count` goes on."""
MOST_BEYOND: Final = 256
"""The latest of the copies beyond, of which is known that they were counted."""


class Copy(Struct, frozen=True, omit_defaults=True):
    """One copy: its flag, where it was and who wrote it.

    `acted` is the flag by which rules had acted on it by themselves, if that is another.
    """

    flag: str
    group: Group
    member: Member
    time: Millis
    message: str | None = None
    acted: str | None = None


class Incident(Struct, frozen=True, kw_only=True):
    """A campaign. Its `_id` is the `campaign` of its copies' flags.

    `fingerprint` is what they have in common; `sample` is a text of theirs; `beyond` are
    flags of the latest copies that are counted only: each is told of several times.
    """

    tenant: Tenant
    fingerprint: str
    first_at: Millis
    last_at: Millis
    sample: str
    copies: list[Copy] = []
    beyond: list[str] = []
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


def spread(old: Incident | None, found: IncidentSpread) -> tuple[Incident, list[Copy]]:
    """Return the incident with more copies in it, and those that are new to it."""
    flags = [*found.flags, *found.acted]
    times = [flag.time for flag in flags]
    incident = old or Incident(
        tenant=found.tenant,
        fingerprint=found.fingerprint,
        first_at=min(times),
        last_at=max(times),
        sample=str(getattr(flags[0].event, "text", ""))[:500],
    )
    known = {copy.flag for copy in incident.copies} | set(incident.beyond)
    new = [copy for copy in _copies(found) if copy.flag not in known]
    copies = [*incident.copies, *new]
    return (
        replace(
            incident,
            first_at=min(incident.first_at, *times),
            last_at=max(incident.last_at, *times),
            copies=copies[:MOST_COPIES],
            beyond=[*incident.beyond, *(copy.flag for copy in copies[MOST_COPIES:])][-MOST_BEYOND:],
            count=incident.count + len(new),
            groups=len({copy.group for copy in copies}),
        ),
        new,
    )


def _copies(found: IncidentSpread) -> Iterator[Copy]:
    """Yield what was found, each copy once: under the campaign's flag where it has one."""
    acted = {flag.event.identity: flag for flag in found.acted}
    for flag in found.flags:
        other = acted.pop(flag.event.identity, None)
        yield _copy(flag, None if other is None else other.id)
    for flag in acted.values():
        yield _copy(flag, None)


def _copy(flag: Flag, acted: str | None) -> Copy:
    event = flag.event
    return Copy(flag.id, event.group, event.member, flag.time, message_of(event), acted)


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
) -> list[CaseReviewed]:
    """Return what a decision on the incident means for each of these copies, by itself.

    A member with several copies in a group, `earlier` ones among them, is acted against
    once. What is overturned takes back what rules did by themselves too.
    """
    if not _reaches_copies(review.step, review.decision):
        return []
    met = {(copy.group, copy.member) for copy in earlier}
    decisions: list[CaseReviewed] = []
    for copy in copies:
        again = (copy.group, copy.member) in met
        met.add((copy.group, copy.member))
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


def for_late_copies(
    incident: Incident, new: Sequence[Copy], found: IncidentSpread
) -> list[CaseReviewed]:
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
    late = {copy.flag for copy in new}
    earlier = [copy for copy in incident.copies if copy.flag not in late]
    subjects = {flag.id: flag for flag in (*found.flags, *found.acted)}
    decisions = for_copies(incident, review, new, earlier)
    return [replace(each, subject=subjects[each.flag]) for each in decisions]


def _reaches_copies(step: ReviewStep, decision: Decision) -> bool:
    """Whether each copy's own case changes: it is taken back, or more is done against it."""
    return step is ReviewStep.OVERTURNED or (
        step is ReviewStep.CONFIRMED and decision is not Decision.ALLOW
    )


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
    theirs = [copy.group == group and copy.member == member for copy in incident.copies]
    name = pseudonym(incident.tenant, member)
    copies = [
        replace(copy, member=name) if is_theirs else copy
        for copy, is_theirs in zip(incident.copies, theirs, strict=True)
    ]
    return replace(incident, copies=copies, sample="" if theirs[:1] == [True] else incident.sample)
