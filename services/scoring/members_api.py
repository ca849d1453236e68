"""REST: members of a group, or of all groups, in the order that is asked for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services.scoring.api import AsOf, Explain, GroupFilter, as_of, sorting
from services.scoring.member import Circle, Member
from services.scoring.member_schemas import MemberAnswer, MemberPage
from services.scoring.ordering import MEMBER_KEYS, Order, orders
from services.scoring.points.store import PointsStore
from services.scoring.segments.store import DefinitionStore
from services.scoring.store import POINTS, ScoreStore
from shared.events import TenantId
from shared.web.auth import Tenanted
from shared.web.paging import After, Limit, Place, next_cursor
from shared.web.problems import NotFound
from shared.web.shaping import ShapedRoute

Sort = Annotated[
    str,
    Query(
        description="A minus puts the greatest first. `churn` and `layer` sort by what the last "
        "look at the member found, and only those judged, or above the lowest layer, are "
        "listed; what is told is as of `at`. `messages` and `points` (ever earned; lists who has "
        "some) need a group.",
        json_schema_extra={"enum": orders(MEMBER_KEYS)},
    ),
]
OfCircle = Annotated[Circle | None, Query(description="Only these: members, operators or bots.")]


def member_routes(
    scores: ScoreStore, points: PointsStore, definitions: DefinitionStore
) -> APIRouter:
    """Return the routes that list members; to be served before those that end in a group."""
    router = APIRouter(route_class=ShapedRoute)

    async def told(
        tenant: TenantId,
        found: list[tuple[Place, Member | None]],
        at: int,
        limit: int,
        explain: bool,
    ) -> MemberPage:
        clock = await definitions.clock(tenant)
        items = [
            MemberAnswer.of(as_of(clock, member, at), at, explain=explain)
            for _, member in found
            if member is not None
        ]
        return MemberPage(items=items, next=next_cursor([place for place, _ in found], limit))

    @router.get("/members", tags=["members"])
    async def everybody(
        tenant: Tenanted,
        at: AsOf,
        after: After,
        sort: Sort = "member",
        group: GroupFilter = None,
        circle: OfCircle = None,
        limit: Limit = 50,
        explain: Explain = False,
    ) -> MemberPage:
        """List the members of all groups, each group apart; by group and member id by default."""
        order = sorting(sort, MEMBER_KEYS, wide=group is None)
        found = await _found(scores, points, tenant, group, order, circle, after, limit)
        return await told(tenant, found, at, limit, explain=explain)

    @router.get("/groups/{group:path}/members", tags=["groups"])
    async def of_group(
        tenant: Tenanted,
        group: str,
        at: AsOf,
        after: After,
        sort: Sort = "member",
        circle: OfCircle = None,
        limit: Limit = 50,
        explain: Explain = False,
    ) -> MemberPage:
        """List a group's members, by id by default."""
        order = sorting(sort, MEMBER_KEYS)
        if await scores.group(tenant, group) is None:
            raise NotFound("There is no such group.")
        found = await _found(scores, points, tenant, group, order, circle, after, limit)
        return await told(tenant, found, at, limit, explain=explain)

    return router


async def _found(
    scores: ScoreStore,
    points: PointsStore,
    tenant: TenantId,
    group: str | None,
    order: Order,
    circle: Circle | None,
    after: Place | None,
    limit: int,
) -> list[tuple[Place, Member | None]]:
    """Return a page; None stands for an account whose member is of another circle, or gone."""
    if order.name != POINTS or group is None:
        return await scores.members(tenant, group, order, circle, after, limit)
    ranked = await points.ranking(tenant, group, after, limit, order.direction)
    known = await scores.members_of(tenant, [id for (_, id), _ in ranked])
    return [(place, _of(known.get(place[1]), circle)) for place, _ in ranked]


def _of(member: Member | None, circle: Circle | None) -> Member | None:
    fits = member is not None and circle in (None, member.circle)
    return member if fits else None
