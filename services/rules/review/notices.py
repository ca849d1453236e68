"""What the platform is told about a case: that it was opened, decided, or not answered in time."""

from __future__ import annotations

from msgspec.structs import replace

from services.rules.review.case import Case, CaseState
from shared.actions import Action, ActionKind
from shared.events import Millis, derive_id


def case_opened(id: str, case: Case, now: Millis) -> Action:
    """Return what tells moderators of a new case."""
    notice = _about(id, case, ActionKind.CASE_OPENED, now, str(case.reason))
    flag = case.evidence.flag
    return replace(notice, hits=flag.hits, spans=flag.spans, campaign=flag.campaign)


def case_decided(id: str, case: Case, now: Millis) -> Action:
    """Return what tells the platform, and through it the member, how a case was decided."""
    outcome = "upheld" if case.state is CaseState.CONFIRMED else "overturned"
    return _about(id, case, ActionKind.CASE_DECIDED, now, outcome, appealed=case.appealed)


def appeal_overdue(id: str, case: Case, now: Millis) -> Action:
    """Return what tells the operators that an appeal was not answered in time."""
    text = "一项申诉已超过处理期限。An appeal was not decided in time."
    return _about(id, case, ActionKind.OPERATOR_NOTICE, now, "appeal overdue", text=text)


def _about(
    id: str,
    case: Case,
    kind: ActionKind,
    now: Millis,
    reason: str,
    text: str = "",
    **details: bool,
) -> Action:
    return Action(
        id=derive_id(id, kind, str(now)),
        kind=kind,
        tenant=case.tenant,
        group=case.group,
        time=now,
        cause=case.flag,
        member=case.member,
        message=case.message,
        text=text,
        reason=reason,
        labels=case.labels,
        details={"case": id, "risk": case.risk, **details},
    )
