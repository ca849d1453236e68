"""REST: the key people of a group, and the parts its members play."""

from __future__ import annotations

from fastapi import APIRouter
from msgspec.structs import replace

from services.scoring.api import AsOf, Explain
from services.scoring.parts import casting_of
from services.scoring.segments.store import DefinitionStore
from services.scoring.store import ScoreStore
from services.scoring.talk.graph import weights
from services.scoring.talk.key_people import WeightedEdge, key_people
from services.scoring.talk.schemas import (
    KeyPeople,
    KeyPersonAnswer,
    PartAnswer,
    PartPage,
    TalkAnswer,
)
from services.scoring.talk.store import TalkStore
from shared.events import TenantId
from shared.web.auth import Tenanted
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound
from shared.web.shaping import ShapedRoute


def talk_routes(talk: TalkStore, scores: ScoreStore, definitions: DefinitionStore) -> APIRouter:
    """Return the routes under `/groups/…` that tell of talk."""
    router = APIRouter(route_class=ShapedRoute)

    async def must_be_known(tenant: TenantId, group: str) -> None:
        if await scores.group(tenant, group) is None:
            raise NotFound("There is no such group.")

    async def edges_of(tenant: TenantId, group: str, at: int) -> list[WeightedEdge]:
        await must_be_known(tenant, group)
        graph = await talk.graph(tenant, group)
        return [] if graph is None else weights(graph, at)

    @router.get("/groups/{group:path}/key-people", tags=["groups"])
    async def people(tenant: Tenanted, group: str, at: AsOf, explain: Explain = False) -> KeyPeople:
        """Name the four or five people whom the group's talk goes to and through."""
        found = key_people(await edges_of(tenant, group, at))
        return KeyPeople(items=[KeyPersonAnswer.of(one, explain=explain) for one in found])

    @router.get("/groups/{group:path}/parts", tags=["groups"])
    async def parts(
        tenant: Tenanted,
        group: str,
        at: AsOf,
        after: After,
        limit: Limit = 50,
        explain: Explain = False,
    ) -> PartPage:
        """Tell who is a thinker, a critic, an onlooker or silent; members by id."""
        await must_be_known(tenant, group)
        offset = (await definitions.clock(tenant)).offset(at)
        found = await scores.members_by_id(tenant, group, after, limit)
        items = [
            PartAnswer.of(member, casting_of(replace(member, offset=offset), at), explain=explain)
            for _, member in found
        ]
        return PartPage(items=items, next=next_cursor([place for place, _ in found], limit))

    @router.get("/groups/{group:path}/talk", tags=["groups"])
    async def talk_graph(
        tenant: Tenanted, group: str, at: AsOf, limit: Limit = 100, explain: Explain = False
    ) -> TalkAnswer:
        """Tell who talks most to whom; both directions of two people are one line."""
        return TalkAnswer.of(await edges_of(tenant, group, at), limit, explain=explain)

    return router
