"""REST: whom to let in further, and whom to say goodbye to."""

from __future__ import annotations

from fastapi import APIRouter

from services.scoring.api import AsOf
from services.scoring.points.schemas import AdmissionAnswer, Condition, Farewell, FarewellPage
from services.scoring.points.store import PointsStore, TermsStore
from services.scoring.points.suggestions import Standing, conditions, goodbye_to
from services.scoring.store import ScoreStore
from shared.web.auth import Tenanted
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound
from shared.web.shaping import ShapedRoute


def suggestion_routes(scores: ScoreStore, points: PointsStore, terms: TermsStore) -> APIRouter:
    """Return the routes of proposals; to be served before those that end in a member or group."""
    router = APIRouter(route_class=ShapedRoute)

    @router.get("/members/{member:path}/admission", tags=["points"])
    async def admission(tenant: Tenanted, member: str) -> AdmissionAnswer:
        """Tell whether a member fulfils the tenant's conditions for a further group.

        Levels and points are those of the group where the member has most.
        """
        memberships = await scores.memberships(tenant, member)
        if not memberships:
            raise NotFound("There is no such member.")
        known = await terms.get(tenant)
        most = max((one.total for one in await points.of_member(tenant, member)), default=0)
        bought = sum(one.counts.get("purchases", 0) for one in memberships)
        invited = await points.was_invited(tenant, member)
        found = conditions(known.admission, Standing(known.level(most), most, bought, invited))
        told = [Condition(name=c.name, wanted=c.wanted, has=c.has, met=c.is_met) for c in found]
        return AdmissionAnswer(
            member=member, admit=all(each.is_met for each in found), conditions=told
        )

    @router.get("/groups/{group:path}/farewells", tags=["points"])
    async def farewells(
        tenant: Tenanted, group: str, at: AsOf, after: After, limit: Limit = 50
    ) -> FarewellPage:
        """Propose a polite farewell to silent or rule-breaking members; nobody is removed.

        Each page looks at `limit` members, so it may hold fewer proposals, or none.
        """
        if await scores.group(tenant, group) is None:
            raise NotFound("There is no such group.")
        known = await terms.get(tenant)
        found = await scores.members_by_id(tenant, group, after, limit)
        items = [
            Farewell(
                member=member.member,
                silent_days=why.silent_days,
                flags=why.flags,
                because=why.because,
            )
            for _, member in found
            if (why := goodbye_to(member, known, at)) is not None
        ]
        return FarewellPage(items=items, next=next_cursor([place for place, _ in found], limit))

    return router
