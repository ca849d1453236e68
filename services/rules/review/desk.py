"""The review desk of one partition: everything that people do about flags comes to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.rules.documents import FlagDocument
from services.rules.review.audit import AuditLog
from services.rules.review.cases import Cases
from services.rules.review.incidents import Incidents
from services.rules.review.kinds import CASES
from services.rules.review.opening import report_case_id
from services.rules.review.talk import Talk
from services.rules.review.trust import TRUSTED, Trusted, trust_id
from services.rules.rule_sets.catalog import RuleSets
from shared.events import BaseEvent, Millis, ReportFiled
from shared.members import MemberErased
from shared.reviews import (
    Audited,
    CaseReviewed,
    IncidentForgets,
    IncidentReviewed,
    IncidentSpread,
    Review,
    TrustChanged,
)
from shared.stream.contracts import Documents, Due, Key, Output


class Desk:
    """Opens cases, applies what people decide, keeps incidents, trust and the audit log."""

    def __init__(self, partition: int, rule_sets: RuleSets) -> None:
        self._audit = AuditLog(partition)
        self._cases = Cases(partition, rule_sets, self._audit)
        self._incidents = Incidents(self._audit)
        self._talk = Talk()

    def event_keys(self, event: BaseEvent) -> Sequence[Key]:
        """Name what opening a case for an event reads."""
        head = self._audit.key(event.tenant)
        if isinstance(event, ReportFiled):
            return head, (CASES, report_case_id(event))
        return (head,)

    def keys(self, review: Review) -> Iterator[Key]:
        """Name what applying a review reads."""
        yield self._audit.key(review.tenant)
        if isinstance(review, CaseReviewed):
            yield from self._cases.keys(review)
        elif isinstance(review, IncidentReviewed | IncidentSpread | IncidentForgets):
            yield from self._incidents.keys(review)

    def due_keys(self, due: Due) -> Iterator[Key]:
        """Name what a case's timer reads beside the case."""
        yield self._audit.key(due.document.tenant)

    def heard(self, event: BaseEvent) -> None:
        """Remember an event, so that later cases can show what came before."""
        self._talk.fold(event)

    def forget(self, request: MemberErased) -> None:
        """Forget what a member said."""
        self._talk.forget(request.key, request.member)

    def flagged(self, noted: FlagDocument, spared: bool, documents: Documents) -> Iterator[Output]:
        """Open the case of a new flag, if it needs a person."""
        return self._cases.flagged(noted, self._talk.before(noted.flag.event), spared, documents)

    def reported(self, event: ReportFiled, now: Millis, documents: Documents) -> Iterator[Output]:
        """Open the case of a reported message, or count one more reporter."""
        if not event.backfill:
            yield from self._cases.reported(event, now, self._talk, documents)

    def apply(self, review: Review, documents: Documents) -> Iterator[Output]:
        """Apply what a person did."""
        if isinstance(review, CaseReviewed):
            yield from self._cases.review(review, documents)
        elif isinstance(review, IncidentReviewed):
            yield from self._incidents.review(review, documents)
        elif isinstance(review, IncidentSpread):
            yield from self._incidents.spread(review, documents)
        elif isinstance(review, IncidentForgets):
            self._incidents.forget(review, documents)
        elif isinstance(review, TrustChanged):
            self._trust(review, documents)
        else:
            self._note(review, documents)

    def due(self, due: Due, documents: Documents) -> Iterator[Output]:
        """Do what a case's timer asks for."""
        return self._cases.due(due, documents)

    def _trust(self, change: TrustChanged, documents: Documents) -> None:
        id = trust_id(change.tenant, change.group, change.member)
        trust = Trusted(
            tenant=change.tenant,
            member=change.member,
            group=change.group,
            trusted=change.trusted,
            since=change.time,
            by=change.by.name or change.by.key,
            note=change.note,
        )
        documents.put(TRUSTED, id, trust)
        what = "trust.given" if change.trusted else "trust.withdrawn"
        told = {"group": change.group or "", "note": change.note}
        self._tell(change, what, change.member, told, documents)

    def _note(self, note: Audited, documents: Documents) -> None:
        self._tell(note, note.what, note.subject, dict(note.detail), documents)

    def _tell(
        self,
        review: TrustChanged | Audited,
        what: str,
        subject: str,
        detail: dict[str, str],
        documents: Documents,
    ) -> None:
        told = {name: value for name, value in detail.items() if value}
        self._audit.add(documents, review.tenant, review.time, what, subject, review.by, told)
