"""Which verdicts and reports need a person, and the case that is opened for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from services.rules.appeals import Appeals
from services.rules.outcome import accused, actions_of, message_of
from services.rules.pack import Pack
from services.rules.review.case import Case, Reason, Taken, rank_of
from services.rules.review.evidence import Evidence, Line
from shared.actions import Action
from shared.events import MessagePosted, Millis, ReportFiled, derive_id
from shared.reviews import CaseReviewed
from shared.verdicts import Decision, Flag, Label

SUSPECTED: Final = 0.45
"""From which risk on a watched event is looked at by a person."""
REGULATED: Final = frozenset({Label.CONTRABAND, Label.FRAUD, Label.GAMBLING, Label.PORN})
"""What the law may ask to be reported; evidence of it can be exported as a bundle."""


def reason_for(flag: Flag, spared: bool) -> Reason | None:
    """Return why a verdict needs a person, or None if it needs none. History needs none."""
    if flag.event.backfill:
        return None
    if flag.decision is Decision.ESCALATE:
        return Reason.ESCALATED
    if spared:
        return Reason.IMMUNE
    if REGULATED & set(flag.labels):
        return Reason.REGULATED
    if flag.decision is Decision.WATCH and flag.risk >= SUSPECTED:
        return Reason.SUSPECTED
    return None


def open_case(
    evidence: Evidence, reason: Reason, taken: Taken, now: Millis, appeals: Appeals
) -> Case:
    """Return the case of a flag; `taken` says what it led to, `now` when it was made."""
    flag = evidence.flag
    case = Case(
        tenant=flag.event.tenant,
        group=flag.event.group,
        member=accused(flag.event) or flag.event.member,
        flag=flag.id,
        message=message_of(flag.event),
        reason=reason,
        labels=flag.labels,
        rules=[hit.rule for hit in flag.hits],
        risk=flag.risk,
        rank=0.0,
        opened_at=now,
        appeal_until=appeals.until(now),
        evidence=evidence,
        taken=[taken],
    )
    return replace(case, rank=rank_of(case))


def report_case_id(report: ReportFiled) -> str:
    """Return the `_id` of the case about a reported message: one, whoever reports it."""
    return derive_id(report.tenant, report.group, report.message, "report")


def report_case(
    report: ReportFiled,
    message: MessagePosted | None,
    before: list[Line],
    now: Millis,
    appeals: Appeals,
) -> Case:
    """Return the case that the first report of a message opens.

    The evidence is the message, where it is still at hand, or else the report.
    """
    flag = Flag(
        id=derive_id(report_case_id(report), "flag"),
        event=message or report,
        time=report.time,
        labels=[Label.REPORTED],
        risk=0.0,
        decision=Decision.WATCH,
        spam=False,
        rule_set="reports",
    )
    evidence = Evidence(flag=flag, before=before)
    case = open_case(evidence, Reason.REPORTED, Taken(flag), now, appeals)
    return replace(
        case,
        member=report.author or case.member,
        message=report.message,
        reporters=[report.member],
        taken=[],
    )


REMOVES: Final = frozenset({Decision.DELETE, Decision.MUTE, Decision.KICK, Decision.BAN})


def ruling(case: Case, review: CaseReviewed) -> Flag:
    """Return the flag by which a moderator asks for more than rules did.

    It takes the event's points only if no flag in force did.
    """
    first = case.evidence.flag
    taken_back = any(each.flag.spam for each in case.taken)
    told_of_only = isinstance(first.event, ReportFiled)
    return replace(
        first,
        id=derive_id(first.id, "ruling", review.id),
        decision=review.decision,
        spam=review.decision in REMOVES and not taken_back and not told_of_only,
        rule_set="moderator",
        hits=[],
        spans=[],
        campaign=None,
    )


def ruling_actions(case: Case, flag: Flag, review: CaseReviewed, pack: Pack) -> Iterator[Action]:
    """Yield what a moderator's ruling asks for beyond what is in force.

    Against history too, because it is made now. They name the campaign that was decided on.
    """
    live = replace(flag, event=replace(flag.event, backfill=False))
    for action in actions_of(live, pack, review.seconds, case.message):
        in_force = (each.asks_for(action.kind, action.seconds, review.time) for each in case.taken)
        if not any(in_force):
            yield replace(
                action,
                member=case.member,
                reason="a moderator decided so",
                campaign=review.campaign,
            )
