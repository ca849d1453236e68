"""REST: which groups' messages are said in others, too."""

from __future__ import annotations

import secrets
from time import time
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Request

from services.notify.campaigns.answers import RelayAnswer, RelayPage, SendPage
from services.notify.campaigns.api import sends_page
from services.notify.campaigns.checks import relay_errors
from services.notify.campaigns.limits import frequency_body, frequency_fields
from services.notify.campaigns.relaying import TrackedRelay
from services.notify.campaigns.requests import persona_at
from services.notify.campaigns.schemas import NewRelay, RelayPatch
from services.notify.campaigns.sends import State as SendState
from services.notify.campaigns.store import CampaignStore, PersonaStore, RelayStore
from shared.campaigns import Relay, RelaySaved
from shared.events import GroupId, Millis, TenantId, derive_id
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.auth import Tenanted, tenant_with
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound, Problem
from shared.web.scopes import Scope
from shared.web.service import problem_response

MOST_RELAYS: Final = 20
"""Relays that may begin in one group."""

Writer = Annotated[TenantId, tenant_with(Scope.CAMPAIGNS_APPROVE)]


def relay_routes(
    store: RelayStore, sends: CampaignStore, personas: PersonaStore, writer: RecordWriter
) -> APIRouter:
    """Return the routes under `/relays`."""
    router = APIRouter(prefix="/relays", tags=["relays"])
    relays = _Relays(store, personas, writer)

    @router.post(
        "",
        status_code=202,
        responses={409: problem_response(f"{MOST_RELAYS} relays begin in the group already.")},
    )
    async def create(tenant: Writer, wanted: NewRelay, request: Request) -> RelayAnswer:
        """Make a relay. It passes on what is written from about a second later on."""
        if await store.count(tenant, wanted.source) >= MOST_RELAYS:
            raise Problem(409, "Too many relays", detail=f"{MOST_RELAYS} may begin in a group.")
        id = f"rl_{secrets.token_hex(12)}"
        return await relays.save(tenant, id, wanted, None, _trace(request))

    @router.get("")
    async def page(tenant: Tenanted, limit: Limit = 50, after: After = None) -> RelayPage:
        """List relays."""
        found = await store.page(tenant, after[1] if after else "", limit)
        end = next_cursor([(0, id) for id, _ in found], limit)
        return RelayPage(items=[RelayAnswer.of(*each) for each in found], next=end)

    @router.get("/{id}")
    async def get(tenant: Tenanted, id: str) -> RelayAnswer:
        """Tell a relay."""
        return RelayAnswer.of(id, await relays.known(tenant, id))

    @router.patch("/{id}", status_code=202)
    async def change(tenant: Writer, id: str, wanted: RelayPatch, request: Request) -> RelayAnswer:
        """Change a relay, or switch it off and on."""
        known = await relays.known(tenant, id)
        given = {name: getattr(wanted, name) for name in wanted.model_fields_set}
        update = {name: each for name, each in given.items() if each is not None}
        changed = _wanted(known.relay).model_copy(update=update)
        return await relays.save(tenant, id, changed, known, _trace(request))

    @router.delete("/{id}", status_code=204)
    async def remove(tenant: Writer, id: str, request: Request) -> None:
        """Remove a relay; what waits to be passed on is not."""
        known = await relays.known(tenant, id)
        await relays.write(tenant, id, known.relay.source, None, _trace(request))

    @router.get("/{id}/messages")
    async def messages(
        tenant: Tenanted,
        id: str,
        state: SendState | None = None,
        limit: Limit = 50,
        after: After = None,
    ) -> SendPage:
        """List what a relay passed on, and what became of it in each target."""
        await relays.known(tenant, id)
        wanted: dict[str, int | SendState] = {} if state is None else {"state": state}
        return await sends_page(sends, tenant, id, wanted, after[1] if after else "", limit)

    return router


class _Relays:
    """Reads relays, and asks their owners to change them."""

    def __init__(self, store: RelayStore, personas: PersonaStore, writer: RecordWriter) -> None:
        self._store = store
        self._personas = personas
        self._writer = writer

    async def known(self, tenant: TenantId, id: str) -> TrackedRelay:
        known = await self._store.get(tenant, id)
        if known is None:
            raise NotFound("There is no such relay.")
        return known

    async def save(
        self, tenant: TenantId, id: str, wanted: NewRelay, known: TrackedRelay | None, trace: str
    ) -> RelayAnswer:
        """Have a relay kept; return what it will be. Raises what is wrong with it."""
        persona = await persona_at(self._personas, tenant, wanted.persona, "/persona")
        fields: dict[str, Any] = wanted.model_dump(exclude={"persona", "frequency"})
        fields["frequency"] = frequency_fields(wanted.frequency)
        relay = msgspec.structs.replace(msgspec.convert(fields, Relay), persona=persona)
        if errors := relay_errors(relay):
            raise Problem(422, "Invalid request", errors=errors)
        now = await self.write(tenant, id, relay.source, relay, trace)
        created = now if known is None else known.created_at
        tracked = TrackedRelay(tenant=tenant, relay=relay, created_at=created, changed_at=now)
        return RelayAnswer.of(id, tracked)

    async def write(
        self, tenant: TenantId, id: str, source: GroupId, relay: Relay | None, trace: str
    ) -> Millis:
        """Tell the source's owner of a relay, or that it is no more; return when."""
        now = Millis(int(time() * 1000))
        record = RelaySaved(
            id=derive_id(id, "saved", secrets.token_hex(8)),
            tenant=tenant,
            campaign=id,
            time=now,
            group=source,
            relay=relay,
        )
        await self._writer.write(Topic.CAMPAIGNS, record, trace)
        return now


def _wanted(relay: Relay) -> NewRelay:
    """Return what a relay was made from."""
    fields: dict[str, Any] = msgspec.to_builtins(relay)
    fields["persona"] = None if relay.persona is None else relay.persona.id
    return NewRelay.model_validate({**fields, "frequency": frequency_body(relay.frequency)})


def _trace(request: Request) -> str:
    trace: str = request.scope["trace"].header
    return trace
