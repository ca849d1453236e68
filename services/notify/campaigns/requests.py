"""Hands what REST asks of campaigns to their owners, once it has been found good."""

from __future__ import annotations

import secrets
from time import time

from services.notify.campaigns.answers import CampaignAnswer
from services.notify.campaigns.checks import campaign_errors
from services.notify.campaigns.progress import EDITABLE, FROM, TrackedCampaign, moved, saved
from services.notify.campaigns.schemas import NewCampaign
from services.notify.campaigns.store import CampaignStore, PersonaStore
from shared.campaigns import CampaignMoved, CampaignSaved, Move, Persona
from shared.events import Millis, TenantId, derive_id
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.keys import ApiKey
from shared.web.problems import NotFound, Problem


class Campaigns:
    """Reads campaigns, and asks their owners to change them."""

    def __init__(self, store: CampaignStore, personas: PersonaStore, writer: RecordWriter) -> None:
        self._store = store
        self._personas = personas
        self._writer = writer

    async def known(self, tenant: TenantId, id: str) -> TrackedCampaign:
        """Return a tenant's campaign. Raises the problem that there is none."""
        known = await self._store.get(tenant, id)
        if known is None:
            raise NotFound("There is no such campaign.")
        return known

    async def save(
        self,
        author: ApiKey,
        id: str,
        wanted: NewCampaign,
        known: TrackedCampaign | None,
        trace: str,
    ) -> CampaignAnswer:
        """Have a campaign written; return what it will be. Raises what is wrong with it."""
        named = wanted.content.persona
        persona = await persona_at(self._personas, author.tenant, named, "/content/persona")
        now = _now()
        definition = wanted.definition(persona)
        if errors := campaign_errors(definition, now):
            raise Problem(422, "Invalid request", errors=errors)
        record = CampaignSaved(
            id=derive_id(id, "saved", secrets.token_hex(8)),
            tenant=author.tenant,
            campaign=id,
            time=now,
            definition=definition,
            by=author.id,
        )
        after = saved(known, record)
        if after is None:
            assert known is not None, "a new campaign can be written"
            raise _not_now(known)
        await self._writer.write(Topic.CAMPAIGNS, record, trace)
        return CampaignAnswer.of(id, after)

    async def move(self, key: ApiKey, id: str, move: Move, trace: str) -> CampaignAnswer:
        """Have something done to a campaign; return what it will be."""
        known, now = await self.known(key.tenant, id), _now()
        after = moved(known, move, key.id, now)
        if after is None:
            raise _not_now(known, move)
        record = CampaignMoved(
            id=derive_id(id, move, str(known.revision), str(known.changed_at)),
            tenant=key.tenant,
            campaign=id,
            time=now,
            move=move,
            revision=known.revision,
            by=key.id,
        )
        await self._writer.write(Topic.CAMPAIGNS, record, trace)
        return CampaignAnswer.of(id, after)


async def persona_at(
    store: PersonaStore, tenant: TenantId, id: str | None, pointer: str
) -> Persona | None:
    """Return the persona of this id, if there is an id. Raises the problem that there is none."""
    if id is None:
        return None
    persona = await store.get(tenant, id)
    if persona is None:
        errors = [{"pointer": pointer, "detail": "there is no such persona"}]
        raise Problem(422, "Invalid request", errors=errors)
    return persona


def _not_now(known: TrackedCampaign, move: Move | None = None) -> Problem:
    what = "rewritten" if move is None else f"asked to {move}"
    states = EDITABLE if move is None else FROM[move]
    allowed = ", ".join(sorted(states))
    detail = f"It is {known.state}; it can be {what} only while it is {allowed}."
    return Problem(409, "Not in this state", detail=detail, members={"state": known.state.value})


def _now() -> Millis:
    return Millis(int(time() * 1000))
