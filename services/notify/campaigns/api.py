"""REST: a tenant's campaigns."""

from __future__ import annotations

import secrets
from time import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request

from services.notify.campaigns.answers import (
    CampaignAnswer,
    CampaignPage,
    DryRun,
    Preview,
    Results,
    SendAnswer,
    SendPage,
)
from services.notify.campaigns.previews import Previews, in_the_name_of
from services.notify.campaigns.progress import State
from services.notify.campaigns.requests import Campaigns
from services.notify.campaigns.schemas import CampaignPatch, NewCampaign
from services.notify.campaigns.sends import State as SendState
from services.notify.campaigns.store import CampaignStore, PersonaStore
from shared.campaigns import Move
from shared.events import Millis, TenantId
from shared.stream.writer import RecordWriter
from shared.web.auth import Tenanted, key_with
from shared.web.keys import ApiKey
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound
from shared.web.scopes import Scope
from shared.web.service import problem_response

Author = Annotated[ApiKey, key_with(Scope.CAMPAIGNS_WRITE)]
Approver = Annotated[ApiKey, key_with(Scope.CAMPAIGNS_APPROVE)]
OneGroup = Annotated[str | None, Query(max_length=200, description="What this group would read.")]
OneMember = Annotated[str | None, Query(max_length=200, description="A member of `group`.")]
OneSegment = Annotated[
    str | None,
    Query(max_length=200, description="What the first of its members, of `group` if said, read."),
]
OnePersona = Annotated[
    str | None, Query(max_length=64, description="In this persona's name instead of its own.")
]
Run = Annotated[
    int | None,
    Query(ge=0, le=1_000_000_000, description="The run; without it: all, or the latest."),
]
_CONFLICT: Final[dict[int | str, dict[str, Any]]] = {
    409: problem_response("The campaign is not in a state for this.")
}


def campaign_routes(
    store: CampaignStore, personas: PersonaStore, previews: Previews, writer: RecordWriter
) -> APIRouter:
    """Return the routes under `/campaigns`."""
    campaigns = Campaigns(store, personas, writer)
    router = APIRouter(prefix="/campaigns", tags=["campaigns"])
    _write(router, campaigns)
    _read(router, store, campaigns)
    _preview(router, previews, campaigns, personas)
    _tell_results(router, store, campaigns)
    return router


def _write(router: APIRouter, campaigns: Campaigns) -> None:
    @router.post("", status_code=202)
    async def create(author: Author, wanted: NewCampaign, request: Request) -> CampaignAnswer:
        """Write a campaign. It is a draft: nothing is sent before it is approved."""
        id = f"cp_{secrets.token_hex(12)}"
        return await campaigns.save(author, id, wanted, None, _trace(request))

    @router.patch("/{id}", status_code=202, responses=_CONFLICT)
    async def change(
        author: Author, id: str, wanted: CampaignPatch, request: Request
    ) -> CampaignAnswer:
        """Rewrite parts of a campaign that is not being sent. It is a draft again."""
        known = await campaigns.known(author.tenant, id)
        changed = wanted.over(NewCampaign.of(known.definition))
        return await campaigns.save(author, id, changed, known, _trace(request))

    @router.post("/{id}:approve", status_code=202, responses=_CONFLICT)
    async def approve(approver: Approver, id: str, request: Request) -> CampaignAnswer:
        """Let a draft begin, at once or when its time comes."""
        return await campaigns.move(approver, id, Move.APPROVE, _trace(request))

    @router.post("/{id}:pause", status_code=202, responses=_CONFLICT)
    async def pause(author: Author, id: str, request: Request) -> CampaignAnswer:
        """Stop sending for now. What was handed to a platform cannot be called back."""
        return await campaigns.move(author, id, Move.PAUSE, _trace(request))

    @router.post("/{id}:resume", status_code=202, responses=_CONFLICT)
    async def resume(approver: Approver, id: str, request: Request) -> CampaignAnswer:
        """Go on with a paused campaign where it stopped; times that it missed are left out."""
        return await campaigns.move(approver, id, Move.RESUME, _trace(request))

    @router.post("/{id}:cancel", status_code=202, responses=_CONFLICT)
    async def cancel(author: Author, id: str, request: Request) -> CampaignAnswer:
        """Stop sending for good, and withdraw what still waits."""
        return await campaigns.move(author, id, Move.CANCEL, _trace(request))


def _read(router: APIRouter, store: CampaignStore, campaigns: Campaigns) -> None:
    @router.get("")
    async def page(
        tenant: Tenanted, state: State | None = None, limit: Limit = 50, after: After = None
    ) -> CampaignPage:
        """List campaigns, latest first."""
        wanted = {} if state is None else {"state": state.value}
        found = await store.page(tenant, wanted, after, limit)
        end = next_cursor([(known.created_at, id) for id, known in found], limit)
        return CampaignPage(items=[CampaignAnswer.of(*each) for each in found], next=end)

    @router.get("/{id}")
    async def get(tenant: Tenanted, id: str) -> CampaignAnswer:
        """Tell a campaign and where it stands."""
        return CampaignAnswer.of(id, await campaigns.known(tenant, id))


def _preview(
    router: APIRouter, previews: Previews, campaigns: Campaigns, personas: PersonaStore
) -> None:
    @router.get("/{id}/preview")
    async def preview(
        tenant: Tenanted,
        id: str,
        group: OneGroup = None,
        member: OneMember = None,
        segment: OneSegment = None,
        persona: OnePersona = None,
    ) -> Preview:
        """Tell what a recipient would read, or the first few of the audience or of a segment."""
        known = await campaigns.known(tenant, id)
        if persona is not None:
            spoken_by = await personas.get(tenant, persona)
            if spoken_by is None:
                raise NotFound("There is no such persona.")
            known = in_the_name_of(known, spoken_by)
        items = await previews.items(known, _now(), group=group, member=member, segment=segment)
        return Preview(items=items)

    @router.get("/{id}/dry-run")
    async def dry_run(tenant: Tenanted, id: str) -> DryRun:
        """Tell what would happen if the campaign were approved now. Nothing is sent."""
        return await previews.dry_run(id, await campaigns.known(tenant, id), _now())


def _tell_results(router: APIRouter, store: CampaignStore, campaigns: Campaigns) -> None:
    @router.get("/{id}/results")
    async def results(tenant: Tenanted, id: str, run: Run = None) -> Results:
        """Tell what became of a run, the latest by default, and the lift over all runs."""
        known = await campaigns.known(tenant, id)
        number = known.runs if run is None else run
        counts = await store.counts(tenant, id, number)
        deliveries = await store.deliveries(tenant, id, number)
        return Results.of(number, counts, deliveries, await store.arms(tenant, id))

    @router.get("/{id}/messages")
    async def messages(
        tenant: Tenanted,
        id: str,
        run: Run = None,
        state: SendState | None = None,
        limit: Limit = 50,
        after: After = None,
    ) -> SendPage:
        """List a campaign's messages by recipient, with what became of each."""
        await campaigns.known(tenant, id)
        given = {"run": run, "state": state}
        wanted = {name: value for name, value in given.items() if value is not None}
        return await sends_page(store, tenant, id, wanted, after[1] if after else "", limit)


async def sends_page(
    store: CampaignStore,
    tenant: TenantId,
    id: str,
    wanted: dict[str, int | SendState],
    after: str,
    limit: int,
) -> SendPage:
    """Return a page of the messages of a campaign or relay."""
    found = await store.sends(tenant, id, wanted, after, limit)
    states = await store.delivery_states([send for _, send in found])
    items = [SendAnswer.of(send_id, send, states) for send_id, send in found]
    return SendPage(items=items, next=next_cursor([(0, name) for name, _ in found], limit))


def _trace(request: Request) -> str:
    trace: str = request.scope["trace"].header
    return trace


def _now() -> Millis:
    return Millis(int(time() * 1000))
