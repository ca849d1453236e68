"""Members: who they are, how they do, and all that is known of one."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from services.console.answers.groups import GroupPage
from services.console.answers.member import (
    Leaderboard,
    Member,
    Membership,
    MembershipPage,
    Order,
    most_flagged,
    named,
)
from services.console.client import Trouble, Upstream, at, attempt, together
from services.console.view import SignedIn, Viewing

_A_PAGE = 50
MOST_SEARCHED = 1_000
"""Members of a group that a search, or an order of our own, looks at: a chat has at most 500."""
_AT_ONCE = 200
Text = Annotated[str, Query(max_length=200)]


def routes() -> APIRouter:
    """Return the routes under `/members`."""
    router = APIRouter()

    @router.get("/members")
    async def members(
        view: Viewing,
        q: Text = "",
        group: Text = "",
        sort: Order = Order.SCORE,
        cursor: Annotated[str | None, Query(max_length=2000)] = None,
    ) -> Response:
        if q.strip() and not group and await _is_known(view, q.strip()):
            return RedirectResponse(at("/members/{}", q.strip()), 303)
        if not group and sort.needs_group:
            sort = Order.SCORE
        groups, (found, next) = await together(
            attempt(view.services.get(Upstream.SCORING, "/v1/groups", GroupPage, limit=200)),
            _found(view, q.strip(), group, sort, cursor),
        )
        return view.render(
            "members/list.html",
            found=found,
            next=next,
            groups=[] if isinstance(groups, Trouble) else [each.group for each in groups.items],
            wanted={"q": q, "group": group, "sort": sort},
            orders=list(Order),
            query=urlencode({"q": q, "group": group, "sort": sort}),
        )

    return router


async def _is_known(view: SignedIn, member: str) -> bool:
    """Whether there is a member with exactly this id."""
    try:
        await view.services.get(Upstream.SCORING, at("/v1/members/{}", member), Member)
    except Trouble as trouble:
        if trouble.status != 404:
            raise
        return False
    return True


async def _found(
    view: SignedIn, q: str, group: str, sort: Order, cursor: str | None
) -> tuple[list[Membership], str | None]:
    """Return the members to list, and the cursor of the next ones."""
    if q and not group:
        return [], None
    if group and (q or not sort.is_ranked):
        everybody = await _everybody(view, group)
        chosen = named(q, everybody) if q else everybody
        return (chosen if sort.is_ranked else most_flagged(chosen))[:_AT_ONCE], None
    if sort.is_listed:
        page = await view.services.get(
            Upstream.SCORING,
            "/v1/members",
            MembershipPage,
            sort=f"-{sort}",
            circle="members",
            group=group or None,
            limit=_A_PAGE,
            cursor=cursor,
        )
        return page.items, page.next
    board = await view.services.get(
        Upstream.SCORING,
        "/v1/leaderboard",
        Leaderboard,
        by=sort,
        group=group or None,
        limit=_A_PAGE,
        cursor=cursor,
    )
    return [each.member for each in board.items], board.next


async def _everybody(view: SignedIn, group: str) -> list[Membership]:
    """Return the members of a group, at most `MOST_SEARCHED`."""
    found: list[Membership] = []
    cursor: str | None = None
    while len(found) < MOST_SEARCHED:
        page = await view.services.get(
            Upstream.SCORING,
            at("/v1/groups/{}/members", group),
            MembershipPage,
            limit=_AT_ONCE,
            cursor=cursor,
        )
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    return found
