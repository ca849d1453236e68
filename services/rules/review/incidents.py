"""The incidents of one partition: campaigns that spread, are decided on and forget members."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from services.rules.review import incident as campaign
from services.rules.review.audit import AuditLog
from services.rules.review.copies import (
    COPY_PAGES,
    MOST_A_PAGE,
    MOST_COPIES,
    Copy,
    CopyPage,
    copies_of,
    nameless,
    page_id,
    page_ids,
)
from services.rules.review.incident import INCIDENTS, Incident, incident_id
from shared.reviews import IncidentForgets, IncidentReviewed, IncidentSpread, ReviewStep
from shared.stream.contracts import Documents, Key, Output, Publish
from shared.topics import Topic


class Incidents:
    """Keeps the incidents whose sightings come to one partition."""

    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit

    def keys(self, review: IncidentReviewed | IncidentSpread | IncidentForgets) -> Iterator[Key]:
        """Name what applying a review reads, the audit log left out."""
        id = incident_id(review.tenant, review.fingerprint)
        yield INCIDENTS, id
        for page in _pages(id, review):
            yield COPY_PAGES, page

    def review(self, review: IncidentReviewed, documents: Documents) -> Iterator[Output]:
        """Apply what a person did with an incident. Raises `LookupError` for an unknown one."""
        id = incident_id(review.tenant, review.fingerprint)
        incident = documents.get(INCIDENTS, id)
        if incident is None:
            raise LookupError(f"there is no incident {id!r}")
        why_not = campaign.refusal(incident, review)
        told = {"note": review.note, "assignee": review.assignee, "copies": str(incident.count)}
        if why_not is not None:
            self._tell(review, "incident.refused", id, {**told, "why": why_not}, documents)
            return
        if review.step is ReviewStep.CONFIRMED:
            told["decision"] = str(review.decision)
        documents.put(INCIDENTS, id, campaign.after(incident, review))
        self._tell(review, f"incident.{review.step}", id, told, documents)
        copies = [*incident.copies, *_further(id, review, documents)]
        for one in campaign.for_copies(incident, review, copies):
            yield Publish(Topic.REVIEWS, one)

    def spread(self, found: IncidentSpread, documents: Documents) -> Iterator[Output]:
        """Take in copies that rules found; what was decided on the incident reaches them."""
        id = incident_id(found.tenant, found.fingerprint)
        old = documents.get(INCIDENTS, id)
        earlier = [*(old.copies if old is not None else ()), *_further(id, found, documents)]
        known = {copy.flag for copy in earlier}
        new = [copy for copy in copies_of(found) if copy.flag not in known]
        if not new:
            return
        incident = campaign.spread(old, found, new, earlier)
        documents.put(INCIDENTS, id, incident)
        room = MOST_COPIES - (0 if old is None else len(old.copies))
        for copy in new[room:]:
            _put_aside(id, incident, copy, documents)
        if old is None:
            told = {"groups": str(incident.groups), "fingerprint": incident.fingerprint}
            self._tell(found, "incident.opened", id, told, documents)
        for one in campaign.for_late_copies(incident, new, earlier, found):
            yield Publish(Topic.REVIEWS, one)

    @staticmethod
    def forget(request: IncidentForgets, documents: Documents) -> None:
        """Forget a member of a group among an incident's copies."""
        id = incident_id(request.tenant, request.fingerprint)
        incident = documents.get(INCIDENTS, id)
        if incident is not None:
            documents.put(INCIDENTS, id, campaign.without(incident, request.group, request.member))
        for page_of in _pages(id, request):
            page = documents.get(COPY_PAGES, page_of)
            if page is not None:
                copies = nameless(page.copies, page.tenant, request.group, request.member)
                documents.put(COPY_PAGES, page_of, replace(page, copies=copies))

    def _tell(
        self,
        review: IncidentReviewed | IncidentSpread,
        what: str,
        subject: str,
        detail: dict[str, str],
        documents: Documents,
    ) -> None:
        told = {name: value for name, value in detail.items() if value}
        self._audit.add(documents, review.tenant, review.time, what, subject, review.by, told)


def _pages(incident: str, review: IncidentReviewed | IncidentSpread | IncidentForgets) -> list[str]:
    """Return the ids of the pages that a review is about."""
    if isinstance(review, IncidentSpread):
        events = [flag.event for flag in (*review.flags, *review.acted)]
        return sorted({page_id(incident, event.group) for event in events})
    if isinstance(review, IncidentForgets):
        return [page_id(incident, review.group)]
    return page_ids(incident)


def _further(
    incident: str, review: IncidentReviewed | IncidentSpread, documents: Documents
) -> Iterator[Copy]:
    """Yield the copies in the pages that a review is about."""
    for id in _pages(incident, review):
        page = documents.get(COPY_PAGES, id)
        if page is not None:
            yield from page.copies


def _put_aside(id: str, incident: Incident, copy: Copy, documents: Documents) -> None:
    """Keep a copy that the incident has no room for, as long as its page has."""
    place = page_id(id, copy.group)
    page = documents.get(COPY_PAGES, place) or CopyPage(
        tenant=incident.tenant, fingerprint=incident.fingerprint
    )
    if len(page.copies) < MOST_A_PAGE:
        documents.put(COPY_PAGES, place, replace(page, copies=[*page.copies, copy]))
