"""REST: groups and their health, single members, leaderboards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from time import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from msgspec.structs import replace
from pydantic import AwareDatetime

from services.scoring.boards import Measure
from services.scoring.calendar import DAY
from services.scoring.clock import TenantClock
from services.scoring.ending import end_stage
from services.scoring.group_schemas import GroupAnswer, GroupPage
from services.scoring.lift import JUDGED_DAYS, lift_of
from services.scoring.lift_schemas import LiftAnswer
from services.scoring.member import Circle, Member
from services.scoring.member_schemas import Leaderboard, MemberAnswer, MemberDetails, Ranked
from services.scoring.ordering import (
    GROUP_KEYS,
    Order,
    SortKey,
    UnknownOrderError,
    order_of,
    orders,
)
from services.scoring.segments.store import DefinitionStore
from services.scoring.store import ScoreStore
from shared.web.auth import Tenanted
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound, Problem
from shared.web.shaping import ShapedRoute


def _as_of(
    at: Annotated[
        AwareDatetime | None,
        Query(
            description="The moment to tell figures for; a moment before the latest event "
            "is told as of that event. Default: now."
        ),
    ] = None,
) -> int:
    return int((time() if at is None else at.timestamp()) * 1000)


AsOf = Annotated[int, Depends(_as_of)]
Explain = Annotated[bool, Query(description="Tell what each number is made of.")]
GroupFilter = Annotated[str | None, Query(max_length=200, description="Only this group.")]


def sorting(text: str, keys: Mapping[str, SortKey], *, wide: bool = False) -> Order:
    """Return the order that `sort` names. Raises `Problem` (422) where there is no such."""
    try:
        return order_of(text, keys, wide=wide)
    except UnknownOrderError as error:
        problem = {"field": "sort", "detail": str(error)}
        raise Problem(422, "Invalid request", errors=[problem]) from None


def _group_sort(
    sort: Annotated[
        str,
        Query(
            description="A minus puts the greatest first. `health` puts the groups in danger "
            "first. `health`, `quiet_risk`, `active_28_days` and `messages` sort by what the "
            "last look found, at most a day ago; what is told is as of `at`.",
            json_schema_extra={"enum": orders(GROUP_KEYS)},
        ),
    ] = "group",
) -> Order:
    return sorting(sort, GROUP_KEYS)


GroupSort = Annotated[Order, Depends(_group_sort)]


def score_routes(store: ScoreStore, definitions: DefinitionStore) -> APIRouter:
    """Return the routes under `/groups`, `/members` and `/leaderboard`."""
    router = APIRouter(route_class=ShapedRoute)
    _add_groups(router, store, definitions)
    _add_members(router, store, definitions)
    _add_lift(router, store, definitions)
    return router


def _add_groups(router: APIRouter, store: ScoreStore, definitions: DefinitionStore) -> None:
    @router.get("/groups", tags=["groups"])
    async def groups(
        tenant: Tenanted,
        at: AsOf,
        after: After,
        order: GroupSort,
        limit: Limit = 50,
        explain: Explain = False,
    ) -> GroupPage:
        """List groups."""
        found = await store.groups(tenant, order, after, limit)
        ends = (await definitions.get(tenant)).ends
        offset = (await definitions.clock(tenant)).offset(at)
        items = [
            _ending(GroupAnswer.of(replace(group, offset=offset), at, explain=explain), ends, at)
            for _, group in found
        ]
        return GroupPage(items=items, next=next_cursor([place for place, _ in found], limit))

    @router.get("/groups/{group:path}", tags=["groups"])
    async def one_group(
        tenant: Tenanted, group: str, at: AsOf, explain: Explain = True
    ) -> GroupAnswer:
        """Tell one group: its health and why, its stage, who talks, who was answered."""
        found = await store.group(tenant, group)
        if found is None:
            raise NotFound("There is no such group.")
        offset = (await definitions.clock(tenant)).offset(at)
        answer = GroupAnswer.of(replace(found, offset=offset), at, explain=explain)
        return _ending(answer, (await definitions.get(tenant)).ends, at)


def _ending(answer: GroupAnswer, ends: list[tuple[str, int]], at: int) -> GroupAnswer:
    """Return what is told of a group, with its end date if it has one."""
    end = dict(ends).get(answer.group)
    if end is None:
        return answer
    changed: dict[str, Any] = {"ends_at": datetime.fromtimestamp(end / 1000, tz=UTC)}
    stage = end_stage(end, at)
    if stage is not None:
        changed |= {"stage": stage, "because": "it has an end date"}
    return answer.model_copy(update=changed)


def _add_lift(router: APIRouter, store: ScoreStore, definitions: DefinitionStore) -> None:
    @router.get("/win-backs", tags=["members"])
    async def lift(tenant: Tenanted, at: AsOf, group: GroupFilter = None) -> LiftAnswer:
        """Tell whether asking silent members to come back brings them back."""
        found = store.to_win_back(tenant, group, at - JUDGED_DAYS * DAY)
        clock = await definitions.clock(tenant)
        asked = [as_of(clock, member, member.told.win_back_at) async for member in found]
        return LiftAnswer.of(lift_of(asked, at))


def as_of(clock: TenantClock, member: Member, at: int) -> Member:
    """Return the member with the local time of `at` (ms), by which days are told."""
    return replace(member, offset=clock.offset(at))


def _add_members(router: APIRouter, store: ScoreStore, definitions: DefinitionStore) -> None:
    @router.get("/members/{member:path}", tags=["members"])
    async def one_member(
        tenant: Tenanted, member: str, at: AsOf, explain: Explain = True
    ) -> MemberDetails:
        """Tell one member across the groups."""
        memberships = await store.memberships(tenant, member)
        if not memberships:
            raise NotFound("There is no such member.")
        clock = await definitions.clock(tenant)
        memberships = [as_of(clock, each, at) for each in memberships]
        return MemberDetails.of(memberships, at, explain=explain)

    @router.get("/leaderboard", tags=["members"])
    async def leaderboard(
        tenant: Tenanted,
        at: AsOf,
        after: After,
        group: GroupFilter = None,
        by: Measure = Measure.SCORE,
        circle: Annotated[
            Circle, Query(description="Members, those who run the groups, and bots rank apart.")
        ] = Circle.MEMBERS,
        limit: Limit = 20,
        explain: Explain = False,
    ) -> Leaderboard:
        """Rank members, the best first; without `group` by score only, each group apart.

        The order by score is the same at every moment: all scores decay alike.
        """
        if group is None and by is not Measure.SCORE:
            problem = {"field": "group", "detail": f"ranking by {by.value} needs a group"}
            raise Problem(422, "Invalid request", errors=[problem])
        found = await store.ranking(tenant, group, by, circle, after, limit)
        clock = await definitions.clock(tenant)
        items = [
            Ranked(
                value=by.value_of(member, member.day(at)),
                member=MemberAnswer.of(member, at, explain=explain),
            )
            for member in (as_of(clock, each, at) for _, each in found)
        ]
        return Leaderboard(
            by=by, items=items, next=next_cursor([place for place, _ in found], limit)
        )
