"""REST: in whose name campaigns and relays speak."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path

from services.notify.campaigns.answers import PersonaAnswer, PersonaPage
from services.notify.campaigns.schemas import PersonaBody
from services.notify.campaigns.store import PersonaStore
from shared.campaigns import Persona
from shared.events import TenantId
from shared.web.auth import Tenanted, tenant_with
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound, Problem
from shared.web.scopes import Scope
from shared.web.service import problem_response

MOST_PERSONAS: Final = 100
"""Personas that one tenant may have."""

Writer = Annotated[TenantId, tenant_with(Scope.CAMPAIGNS_WRITE)]
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Chosen by you.")]


def persona_routes(store: PersonaStore) -> APIRouter:
    """Return the routes under `/personas`."""
    router = APIRouter(prefix="/personas", tags=["campaigns"])

    @router.get("")
    async def page(tenant: Tenanted, limit: Limit = 50, after: After = None) -> PersonaPage:
        """List personas by id."""
        found = await store.page(tenant, after[1] if after else "", limit)
        end = next_cursor([(0, each.id) for each in found], limit)
        return PersonaPage(items=[PersonaAnswer.of(each) for each in found], next=end)

    @router.put(
        "/{id}",
        responses={409: problem_response(f"The tenant has {MOST_PERSONAS} personas already.")},
    )
    async def put(tenant: Writer, id: Id, wanted: PersonaBody) -> PersonaAnswer:
        """Make or change a persona. Campaigns keep it as it was when they were written."""
        known = await store.get(tenant, id)
        if known is None and await store.count(tenant) >= MOST_PERSONAS:
            raise Problem(409, "Too many personas", detail=f"There may be {MOST_PERSONAS}.")
        persona = Persona(id=id, **wanted.model_dump())
        await store.put(tenant, persona)
        return PersonaAnswer.of(persona)

    @router.get("/{id}")
    async def get(tenant: Tenanted, id: Id) -> PersonaAnswer:
        """Tell a persona."""
        known = await store.get(tenant, id)
        if known is None:
            raise _not_found()
        return PersonaAnswer.of(known)

    @router.delete("/{id}", status_code=204)
    async def remove(tenant: Writer, id: Id) -> None:
        """Remove a persona; what was written in its name stays as it is."""
        if not await store.remove(tenant, id):
            raise _not_found()

    return router


def _not_found() -> NotFound:
    return NotFound("There is no such persona.")
