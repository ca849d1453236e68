"""The cases of one partition: opened, reviewed, reversed, and answered in time."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Final

from msgspec.structs import replace

from services.rules.documents import (
    FLAGS,
    MEMBER_RECORDS,
    FlagDocument,
    MemberRecord,
    document,
    member_id,
)
from services.rules.outcome import actions_of
from services.rules.pack import Pack
from services.rules.review.audit import AuditLog
from services.rules.review.case import (
    RULES,
    Case,
    Reason,
    Taken,
    after,
    case_id,
    overdue,
    refusal,
    reported,
)
from services.rules.review.evidence import Evidence, Line
from services.rules.review.kinds import CASES
from services.rules.review.lessons import LessonBook, lesson_of
from services.rules.review.notices import appeal_overdue, case_decided, case_opened
from services.rules.review.opening import (
    REMOVES,
    open_case,
    reason_for,
    report_case,
    report_case_id,
    ruling,
    ruling_actions,
)
from services.rules.review.reversal import reversal_of, undoing
from services.rules.review.talk import Talk
from services.rules.review.trust import acts
from services.rules.rule_sets.catalog import RuleSets
from shared.events import Millis, ReportFiled, TenantId
from shared.reviews import CaseReviewed, Reviewer, ReviewStep
from shared.stream.contracts import Documents, Due, Key, Output, Publish
from shared.topics import Topic
from shared.verdicts import Flag

_DECIDED: Final = frozenset({ReviewStep.CONFIRMED, ReviewStep.OVERTURNED})


class Cases:
    """Keeps the cases of the groups of one partition."""

    def __init__(self, partition: int, rule_sets: RuleSets, audit: AuditLog) -> None:
        self._rule_sets = rule_sets
        self._audit = audit
        self._lessons = LessonBook(partition)

    def keys(self, review: CaseReviewed) -> Iterator[Key]:
        """Name what applying a review reads, the audit log left out."""
        yield CASES, review.case
        yield FLAGS, review.flag
        yield MEMBER_RECORDS, member_id(review.tenant, review.group, review.member)
        yield self._lessons.key(review.tenant)

    def flagged(
        self, noted: FlagDocument, before: list[Line], spared: bool, documents: Documents
    ) -> Iterator[Output]:
        """Open the case of a new flag, if it needs a person."""
        flag = noted.flag
        reason = reason_for(flag, spared)
        if reason is not None:
            case = self._case(noted, before, reason)
            yield from self._open(case_id(flag.id), case, RULES, noted.moment, documents)

    def reported(
        self, report: ReportFiled, now: Millis, talk: Talk, documents: Documents
    ) -> Iterator[Output]:
        """Open the case of a reported message, or count one more reporter."""
        id = report_case_id(report)
        known = documents.get(CASES, id)
        if known is not None:
            if (more := reported(known, report.member)) is not known:
                documents.put(CASES, id, more)
            return
        message = talk.message(report.key, report.message)
        now = max(now, report.time)
        before, appeals = talk.before(message or report), self._pack(report.tenant).appeals
        case = report_case(report, message, before, now, appeals)
        yield from self._open(id, case, RULES, now, documents)

    def review(self, review: CaseReviewed, documents: Documents) -> Iterator[Output]:
        """Apply what a person did with a case; what cannot be done is told to the audit log."""
        known = documents.get(CASES, review.case)
        case = known or self._from_flag(review, documents)
        opens = known is None and review.step is ReviewStep.OPENED
        told = {"flag": case.flag, "note": review.note, "assignee": review.assignee}
        why_not = None if opens else refusal(case, review)
        if why_not is not None:
            told |= {"step": review.step, "why": why_not}
            self._tell(review, "case.refused", told, documents)
            return
        if known is None:
            yield from self._open(review.case, case, review.by, review.time, documents)
        if opens:
            return
        changed = after(case, review, self._pack(review.tenant).appeals)
        if review.step is ReviewStep.OVERTURNED:
            changed = yield from self._overturn(changed, review, documents)
        elif review.step is ReviewStep.CONFIRMED and acts(review.decision):
            told["decision"] = review.decision
            changed = yield from self._rule(changed, review, documents)
        if review.step in _DECIDED:
            lesson = lesson_of(case, review)
            if lesson != case.lesson or (lesson is not None and review.campaign is None):
                self._lessons.keep(documents, review.case, case, lesson, review.time)
            changed = replace(changed, lesson=lesson)
            yield Publish(Topic.ACTIONS, case_decided(review.case, changed, review.time))
        documents.put(CASES, review.case, changed)
        self._tell(review, f"case.{review.step}", told, documents)

    def due(self, due: Due, documents: Documents) -> Iterator[Output]:
        """Bring an appeal that nobody answered in time to the front, and say so."""
        case: Case = due.document
        documents.put(CASES, due.id, overdue(case))
        self._audit.add(documents, case.tenant, due.now, "appeal.overdue", due.id, RULES, {})
        yield Publish(Topic.ACTIONS, appeal_overdue(due.id, case, due.now))

    def _open(
        self, id: str, case: Case, by: Reviewer, now: Millis, documents: Documents
    ) -> Iterator[Output]:
        documents.put(CASES, id, case)
        detail = {"reason": case.reason, "evidence": case.evidence.digest, "flag": case.flag}
        self._audit.add(documents, case.tenant, now, "case.opened", id, by, detail)
        yield Publish(Topic.ACTIONS, case_opened(id, case, now))

    def _from_flag(self, review: CaseReviewed, documents: Documents) -> Case:
        """Return the case of a flag that had none. Raises `LookupError` for an unknown flag."""
        noted = documents.get(FLAGS, review.flag)
        if noted is None and review.subject is not None:
            noted = document(review.subject, review.time)
        if noted is None or noted.tenant != review.tenant:
            raise LookupError(f"there is no flag {review.flag!r}")
        appealed = review.step is ReviewStep.APPEALED
        reason = Reason.APPEALED if appealed else Reason.BY_HAND
        return replace(self._case(noted, [], reason), opened_at=review.time)

    def _case(self, noted: FlagDocument, before: list[Line], reason: Reason) -> Case:
        appeals = self._pack(noted.tenant).appeals
        evidence = _evidence(noted, before)
        return open_case(evidence, reason, self._taken(noted), noted.moment, appeals)

    def _pack(self, tenant: TenantId) -> Pack:
        return self._rule_sets.of(tenant).pack

    def _taken(self, noted: FlagDocument) -> Taken:
        """Return what a flag led to: as is noted, or else what its decision asks for."""
        if noted.actions is not None:
            return Taken(noted.flag, noted.actions, noted.seconds, noted.moment)
        actions = actions_of(noted.flag, self._pack(noted.tenant))
        return Taken(noted.flag, [action.kind for action in actions], since=noted.moment)

    def _rule(
        self, case: Case, review: CaseReviewed, documents: Documents
    ) -> Generator[Output, None, Case]:
        """Do what the moderator asks for beyond what rules did; return the case with it."""
        flag = ruling(case, review)
        asked = list(ruling_actions(case, flag, review, self._pack(case.tenant)))
        if not asked and not flag.spam:
            return case
        kinds = [action.kind for action in asked]
        noted = replace(
            document(flag, review.time), actions=kinds, seconds=review.seconds, case=review.case
        )
        documents.put(FLAGS, flag.id, noted)
        yield Publish(Topic.FLAGS, flag)
        for action in asked:
            yield Publish(Topic.ACTIONS, action)
        if flag.spam:
            self._count_removal(case, flag, documents)
        taken = Taken(flag, kinds, review.seconds, review.time)
        return replace(case, taken=[*case.taken, taken])

    def _overturn(
        self, case: Case, review: CaseReviewed, documents: Documents
    ) -> Generator[Output, None, Case]:
        """Take back every flag in force with all that it led to; return the case without them."""
        for taken in reversed(case.taken):
            yield Publish(Topic.FLAGS, reversal_of(taken.flag, review.time))
            for action in undoing(case, taken, review.time):
                named = replace(action, campaign=review.campaign or taken.flag.campaign)
                yield Publish(Topic.ACTIONS, named)
            self._discount_removal(case, taken.flag, documents)
        return replace(case, taken=[])

    def _count_removal(self, case: Case, flag: Flag, documents: Documents) -> None:
        id = member_id(case.tenant, case.group, case.member)
        record = documents.get(MEMBER_RECORDS, id) or MemberRecord(
            tenant=case.tenant, group=case.group, member=case.member
        )
        documents.put(MEMBER_RECORDS, id, record.with_removal(Millis(flag.event.time)))

    def _discount_removal(self, case: Case, flag: Flag, documents: Documents) -> None:
        """Let a removal no longer harden the member's next verdict."""
        id = member_id(case.tenant, case.group, case.member)
        record = documents.get(MEMBER_RECORDS, id)
        if record is not None and flag.campaign is None and flag.decision in REMOVES:
            documents.put(MEMBER_RECORDS, id, record.without_removal(Millis(flag.event.time)))

    def _tell(
        self, review: CaseReviewed, what: str, detail: dict[str, str], documents: Documents
    ) -> None:
        told = {name: str(value) for name, value in detail.items() if value}
        self._audit.add(documents, review.tenant, review.time, what, review.case, review.by, told)


def _evidence(noted: FlagDocument, before: list[Line]) -> Evidence:
    return Evidence(flag=noted.flag, before=before, alone=noted.alone, charged=noted.charged)
