"""REST: campaigns as incidents, each decided on once for all its copies."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services.rules.review.api import Reviewing, ReviewingKey
from services.rules.review.asking import Asking, now, review_id, reviewer
from services.rules.review.case import CaseState
from services.rules.review.incident import Incident
from services.rules.review.incident_schemas import (
    AcceptedIncident,
    IncidentAnswer,
    IncidentConfirmBody,
    IncidentPage,
    IncidentSummary,
)
from services.rules.review.schemas import AssignBody, OpenBody
from services.rules.review.store import IncidentStore
from shared.events import TenantId
from shared.reviews import IncidentReviewed, ReviewStep
from shared.verdicts import Decision
from shared.web.keys import ApiKey
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound

State = Annotated[CaseState | None, Query(description="Without it: all incidents.")]


def incident_routes(incidents: IncidentStore, asking: Asking) -> APIRouter:
    """Return the routes under `/incidents`."""
    router = APIRouter(tags=["review"])

    async def known(tenant: TenantId, id: str) -> Incident:
        incident = await incidents.get(tenant, id)
        if incident is None:
            raise NotFound("There is no such incident.")
        return incident

    async def take(
        key: ApiKey,
        id: str,
        step: ReviewStep,
        body: OpenBody | AssignBody | IncidentConfirmBody,
    ) -> AcceptedIncident:
        incident = await known(key.tenant, id)
        by = reviewer(key, body.moderator)
        assignee = body.assignee if isinstance(body, AssignBody) else ""
        confirms = isinstance(body, IncidentConfirmBody)
        decision = body.decision if confirms else Decision.ALLOW  # type: ignore[union-attr]
        review = IncidentReviewed(
            id=review_id(id, by, len(incident.steps), step, body.note, assignee, decision),
            tenant=key.tenant,
            time=now(),
            by=by,
            note=body.note,
            fingerprint=incident.fingerprint,
            step=step,
            assignee=assignee,
            decision=decision,
            seconds=body.seconds if confirms else 0,  # type: ignore[union-attr]
        )
        await asking.incident(incident, review)
        return AcceptedIncident(incident=id, review=review.id)

    @router.get("/incidents")
    async def page(
        tenant: Reviewing, state: State = None, limit: Limit = 50, after: After = None
    ) -> IncidentPage:
        """List campaigns, those that went on latest first."""
        found = await incidents.page(tenant, state, after, limit)
        end = next_cursor([(incident.last_at, id) for id, incident in found], limit)
        items = [IncidentSummary.of(id, incident) for id, incident in found]
        return IncidentPage(items=items, next=end)

    @router.get("/incidents/{id}")
    async def get(tenant: Reviewing, id: str) -> IncidentAnswer:
        """Tell a campaign with its copies and what was decided."""
        return IncidentAnswer.of(id, await known(tenant, id))

    @router.post("/incidents/{id}:assign", status_code=202)
    async def assign(key: ReviewingKey, id: str, body: AssignBody) -> AcceptedIncident:
        """Say who looks at an incident."""
        return await take(key, id, ReviewStep.ASSIGNED, body)

    @router.post("/incidents/{id}:confirm", status_code=202)
    async def confirm(key: ReviewingKey, id: str, body: IncidentConfirmBody) -> AcceptedIncident:
        """Decide that it is a campaign; with a `decision`, that is done about every copy."""
        return await take(key, id, ReviewStep.CONFIRMED, body)

    @router.post("/incidents/{id}:overturn", status_code=202)
    async def overturn(key: ReviewingKey, id: str, body: OpenBody) -> AcceptedIncident:
        """Decide that it is none: all that was done about any copy is taken back."""
        return await take(key, id, ReviewStep.OVERTURNED, body)

    return router
