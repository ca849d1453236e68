"""What is left of flags, cases and trials once a member in them is forgotten. Pure."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from services.rules.documents import FlagDocument
from services.rules.review.case import Case, CaseState, Reason, Taken
from services.rules.review.opening import REGULATED
from services.rules.trials import TrialVerdict
from shared.events import Event, MemberId
from shared.members import pseudonym
from shared.reviews import ReviewStep
from shared.verdicts import Decision, Flag, RuleHit

NAMING: Final = ("member", "reply_to_member", "author", "invited_by", "target")
"""Fields of events that rules see which name a member; `mentions` names several."""
_WORDS: Final[dict[str, Any]] = {"text": "", "name": "", "reason": "", "attributes": {}}
"""What is left of the fields that hold what the acting member wrote of their own."""


def is_kept(flag: Flag, case: Case | None) -> bool:
    """Whether a flag is evidence that stays: regulated or escalated, and not overturned."""
    if case is not None and case.state is CaseState.OVERTURNED:
        return False
    if case is not None and case.reason in (Reason.REGULATED, Reason.ESCALATED):
        return True
    return flag.decision is Decision.ESCALATE or bool(REGULATED & set(flag.labels))


def nameless_flag(noted: FlagDocument, member: MemberId) -> FlagDocument:
    """Return a stored flag without a member, be it theirs or one that mentions them."""
    flag = _flag(noted.flag, member)
    return replace(noted, flag=flag, member=_name(noted.tenant, noted.member, member))


def nameless_case(case: Case, member: MemberId) -> Case:
    """Return a case without a member: whom it is about, who reported, or who wrote before.

    Nothing more is asked of the platform about somebody forgotten: there is
    nothing left to take back, and no appeal to answer.
    """
    tenant, theirs = case.tenant, case.member == member
    evidence = replace(
        case.evidence,
        flag=_flag(case.evidence.flag, member),
        before=[line for line in case.evidence.before if line.member != member],
    )
    steps = [
        replace(done, note="")
        if (theirs and done.step is ReviewStep.APPEALED) or member in done.note
        else done
        for done in case.steps
    ]
    changed = replace(
        case,
        member=_name(tenant, case.member, member),
        evidence=evidence,
        reporters=[_name(tenant, each, member) for each in case.reporters],
        taken=[] if theirs else [_taken(each, member) for each in case.taken],
        steps=steps,
    )
    return replace(changed, due_at=None, overdue=False, lesson=None) if theirs else changed


def nameless_trial(trial: TrialVerdict) -> TrialVerdict:
    """Return what a trial said without whom it was about."""
    return replace(trial, member=pseudonym(trial.tenant, trial.member))


def _taken(taken: Taken, member: MemberId) -> Taken:
    return replace(taken, flag=_flag(taken.flag, member))


def _flag(flag: Flag, member: MemberId) -> Flag:
    event = _event(flag.event, member)
    if flag.event.member != member:
        return replace(flag, event=event)
    return replace(flag, event=event, spans=[], hits=[_hit(hit) for hit in flag.hits])


def _hit(hit: RuleHit) -> RuleHit:
    """Return a hit without values that quote the text."""
    values = {name: value for name, value in hit.values.items() if not isinstance(value, str)}
    return replace(hit, values=values)


def _event(event: Event, member: MemberId) -> Event:
    has = frozenset(event.__struct_fields__)
    changed: dict[str, Any] = {
        name: pseudonym(event.tenant, member)
        for name in has.intersection(NAMING)
        if getattr(event, name) == member
    }
    if "mentions" in has:
        changed["mentions"] = [
            _name(event.tenant, each, member) for each in getattr(event, "mentions", ())
        ]
    if event.member == member:
        changed |= {name: left for name, left in _WORDS.items() if name in has}
    return replace(event, **changed)


def _name(tenant: str, one: MemberId, member: MemberId) -> MemberId:
    return pseudonym(tenant, member) if one == member else one
