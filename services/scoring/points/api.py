"""REST: points, the ledger, leaderboards of points, and what a tenant lays down about them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from heapq import nsmallest
from time import time
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from services.scoring.api import AsOf, Explain
from services.scoring.calendar import DAYS_KEPT
from services.scoring.points.account import Account, Entry, days_of, earned_between
from services.scoring.points.schemas import (
    AccountAnswer,
    AccountList,
    EarnedLine,
    EntryAnswer,
    EntryPage,
    PointsBoard,
    PointsBody,
    RankedAccount,
    TermsBody,
    Window,
)
from services.scoring.points.store import PointsStore, TermsStore
from services.scoring.points.terms import RulesFrom, Terms, with_rules
from services.scoring.segments.store import DefinitionStore
from services.scoring.store import ScoreStore
from shared.events import GroupId, MemberId, Millis, TenantId, derive_id
from shared.members import PointsChanged
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.auth import Tenanted, tenant_with
from shared.web.paging import After, Limit, Place, next_cursor
from shared.web.problems import NotFound, Problem, Unavailable
from shared.web.scopes import Scope
from shared.web.shaping import ShapedRoute

Writer = Annotated[TenantId, tenant_with(Scope.MEMBERS_WRITE)]
PATIENCE_SECONDS: Final = 3.0
"""How long a request waits for the partition's owner to decide."""
_TRIES: Final = 5


def points_routes(
    scores: ScoreStore,
    points: PointsStore,
    terms: TermsStore,
    definitions: DefinitionStore,
    writer: RecordWriter,
) -> APIRouter:
    """Return the routes about points; to be served before those that end in a member or group."""
    router = APIRouter(route_class=ShapedRoute)
    _add_terms(router, terms, definitions)
    _add_accounts(router, points, terms)
    _add_entries(router, scores, points, writer)
    _add_board(router, scores, points, terms, definitions)
    return router


def _add_terms(router: APIRouter, terms: TermsStore, definitions: DefinitionStore) -> None:
    @router.get("/points/terms", tags=["points"])
    async def read(tenant: Tenanted) -> TermsBody:
        """Tell the rules of points in force today, the levels, rewards and conditions."""
        today = (await definitions.clock(tenant)).day(_now())
        return TermsBody.of(await terms.get(tenant), today)

    @router.put("/points/terms", tags=["points"])
    async def write(tenant: Writer, wanted: TermsBody) -> TermsBody:
        """Lay down all of it anew. Rules hold from the next day on; days past keep theirs."""
        for _ in range(_TRIES):
            known, now = await terms.get(tenant), _now()
            today = (await definitions.clock(tenant)).day(now)
            rules = RulesFrom(today + 1, wanted.rule_table())
            saved = Terms(
                tenant=tenant,
                version=known.version + 1,
                changed_at=now,
                history=with_rules(known.history, rules),
                levels=wanted.levels,
                rewards=wanted.reward_list(),
                admission=wanted.conditions(),
                farewell_after_days=wanted.farewell_after_days,
                farewell_flags=wanted.farewell_flags,
            )
            if await terms.save(saved):
                return TermsBody.of(saved, rules.day)
        raise Unavailable("The terms are being changed by others; try again.")


def _add_accounts(router: APIRouter, points: PointsStore, terms: TermsStore) -> None:
    @router.get("/members/{member:path}/points", tags=["points"])
    async def accounts(tenant: Tenanted, member: str, explain: Explain = False) -> AccountList:
        """Tell a member's points in each group: balance, level, and what each day earned."""
        found, known = await points.of_member(tenant, member), await terms.get(tenant)
        if not found:
            raise NotFound("This member has no points.")
        items = [
            AccountAnswer.of(one, known, list(days_of(one, known)) if explain else None)
            for one in found
        ]
        return AccountList(items=items)


def _add_entries(
    router: APIRouter, scores: ScoreStore, points: PointsStore, writer: RecordWriter
) -> None:
    @router.get("/members/{member:path}/points/entries", tags=["points"])
    async def entries(tenant: Tenanted, member: str, after: After, limit: Limit = 50) -> EntryPage:
        """List what was spent, given and refused, the latest first."""
        found = await points.entries(tenant, member, after, limit)
        if not found and not await _groups_of(tenant, member, scores, points):
            raise NotFound("There is no such member.")
        items = [EntryAnswer.of(entry) for _, entry in found]
        return EntryPage(items=items, next=next_cursor([place for place, _ in found], limit))

    @router.post("/members/{member:path}/points/entries", status_code=201, tags=["points"])
    async def change(
        request: Request, response: Response, tenant: Writer, member: str, wanted: PointsBody
    ) -> EntryAnswer:
        """Give or spend points. The owner of the group decides in order, so no balance goes below
        zero: 201 with the line of the ledger, accepted or refused, or 202 while it is pending.
        """
        if wanted.group not in await _groups_of(tenant, member, scores, points):
            raise NotFound("There is no such member in this group.")
        asked = PointsChanged(
            id=derive_id("points", tenant, wanted.group, wanted.entry),
            tenant=tenant,
            group=GroupId(wanted.group),
            member=MemberId(member),
            time=Millis(_now()),
            entry=wanted.entry,
            amount=wanted.amount,
            reason=wanted.reason,
        )
        known = await points.entry(tenant, wanted.group, wanted.entry)
        if known is None:
            await writer.write(Topic.MEMBERS, asked, request.headers.get("traceparent", ""))
            known = await _decided(points, tenant, wanted)
        if known is None:
            response.status_code = 202
            return _pending(asked)
        if (known.member, known.amount) != (member, wanted.amount):
            problem = {"pointer": "/entry", "detail": "this entry was something else"}
            raise Problem(409, "Conflict", errors=[problem])
        return EntryAnswer.of(known)


async def _groups_of(
    tenant: TenantId, member: str, scores: ScoreStore, points: PointsStore
) -> set[GroupId]:
    """Return the groups that a member is known in: to either stage, as one may be behind."""
    known = {each.group for each in await points.of_member(tenant, member)}
    return known | {each.group for each in await scores.memberships(tenant, member)}


async def _decided(points: PointsStore, tenant: TenantId, wanted: PointsBody) -> Entry | None:
    """Wait for the partition's owner; None when it takes too long."""
    until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while asyncio.get_running_loop().time() < until:
        if (known := await points.entry(tenant, wanted.group, wanted.entry)) is not None:
            return known
        await asyncio.sleep(0.1)
    return None


def _pending(asked: PointsChanged) -> EntryAnswer:
    return EntryAnswer(
        group=asked.group,
        member=asked.member,
        entry=asked.entry,
        at=datetime.fromtimestamp(asked.time / 1000, tz=UTC),
        amount=asked.amount,
        reason=asked.reason,
        state="pending",
        balance=None,
    )


def _add_board(
    router: APIRouter,
    scores: ScoreStore,
    points: PointsStore,
    terms: TermsStore,
    definitions: DefinitionStore,
) -> None:
    @router.get("/groups/{group:path}/points", tags=["points"])
    async def board(
        tenant: Tenanted,
        group: str,
        at: AsOf,
        after: After,
        window: Annotated[Window, Query(description="Which days count.")] = Window.ALL,
        limit: Limit = 20,
        explain: Explain = False,
    ) -> PointsBoard:
        """Rank a group's members by points earned on a day, in a week, a month, or ever.

        A day, week or month is the one that holds `at`, of the last 91 days.
        """
        known = await terms.get(tenant)
        first, last = 0, (await definitions.clock(tenant)).day(at)
        if window is Window.ALL:
            rows: list[tuple[Place, Account, int]] = [
                (place, account, account.total)
                for place, account in await points.ranking(tenant, group, after, limit)
            ]
        else:
            first = window.first_day(last)
            if last <= (await definitions.clock(tenant)).day(_now()) - DAYS_KEPT:
                problem = {"field": "at", "detail": "days are known for 91 days"}
                raise Problem(422, "Invalid request", errors=[problem])
            rows = []
            async for id, account in points.active_since(tenant, group, first):
                earned = earned_between(account, first, last, known)
                if earned > 0 and _is_after((-float(earned), id), after):
                    rows.append(((float(earned), id), account, earned))
            rows = nsmallest(limit, rows, key=lambda row: (-row[2], row[0][1]))
        if not rows and await scores.group(tenant, group) is None:
            raise NotFound("There is no such group.")
        items = [
            RankedAccount(
                member=account.member,
                points=earned,
                level=known.level(account.total),
                explain=_lines(account, first, last, known) if explain else None,
            )
            for _, account, earned in rows
        ]
        places = [place for place, _, _ in rows]
        return PointsBoard(window=window, items=items, next=next_cursor(places, limit))


def _lines(account: Account, first: int, last: int, terms: Terms) -> list[EarnedLine]:
    return [EarnedLine.of(one) for one in days_of(account, terms) if first <= one.day <= last]


def _is_after(order: tuple[float, str], after: Place | None) -> bool:
    return after is None or order > (-after[0], after[1])


def _now() -> int:
    return int(time() * 1000)
