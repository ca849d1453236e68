"""REST: backtests."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter

from services.rules.backtests.job import Job, packed
from services.rules.backtests.schemas import BacktestAnswer, BacktestPage, NewBacktest
from services.rules.backtests.store import BacktestStore
from services.rules.rule_sets.api import Writer, checked_pack, found_version
from services.rules.rule_sets.store import RuleSetStore
from shared.events import Millis, TenantId
from shared.web.auth import Tenanted
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound, Problem
from shared.web.service import problem_response

MOST_WAITING: Final = 5
"""Backtests of one tenant that are not finished."""


def backtest_routes(store: BacktestStore, rule_sets: RuleSetStore) -> APIRouter:
    """Return the routes of `backtests`."""
    router = APIRouter(tags=["backtests"])

    @router.post(
        "/backtests",
        status_code=202,
        responses={
            409: problem_response(f"{MOST_WAITING} of the tenant's backtests wait already."),
            422: problem_response("The pack cannot be used; `errors` say where, and why."),
        },
    )
    async def ask(key: Writer, wanted: NewBacktest) -> BacktestAnswer:
        """Try a rule set on the events of a span that the log still has; nothing comes of it."""
        _check(wanted)
        version, whole = await _candidate(rule_sets, key.tenant, wanted)
        if await store.waiting(key.tenant) >= MOST_WAITING:
            raise Problem(409, "Too many backtests", detail="Wait until one of them is done.")
        job = Job(
            id=f"bt_{uuid.uuid4().hex}",
            tenant=key.tenant,
            version=version,
            whole=whole,
            start=_millis(wanted.start),
            end=_millis(wanted.end),
            groups=wanted.groups,
            created_at=datetime.now(UTC),
            created_by=key.id,
        )
        await store.add(job)
        return BacktestAnswer.of(job)

    @router.get("/backtests")
    async def page(tenant: Tenanted, limit: Limit = 50, after: After = None) -> BacktestPage:
        """List the tenant's backtests, latest first."""
        found = await store.page(tenant, after, limit)
        places = [(job.created_at.timestamp(), job.id) for job in found]
        items = [BacktestAnswer.of(job) for job in found]
        return BacktestPage(items=items, next=next_cursor(places, limit))

    @router.get("/backtests/{id}")
    async def get(tenant: Tenanted, id: str) -> BacktestAnswer:
        """Tell how far a backtest is, and what it found."""
        job = await store.get(tenant, id)
        if job is None:
            raise NotFound("There is no such backtest.")
        return BacktestAnswer.of(job)

    return router


async def _candidate(
    rule_sets: RuleSetStore, tenant: TenantId, wanted: NewBacktest
) -> tuple[str, bytes]:
    if wanted.version is not None:
        found = await found_version(rule_sets, tenant, wanted.version)
        return found.version, found.whole
    pack = await checked_pack(wanted.source or "")
    return pack.version, packed(pack)


def _check(wanted: NewBacktest) -> None:
    errors = []
    if (wanted.version is None) == (wanted.source is None):
        errors.append({"pointer": "/version", "detail": "give either a version or a source"})
    if wanted.start >= wanted.end:
        errors.append({"pointer": "/to", "detail": "must be after `from`"})
    if errors:
        raise Problem(422, "Invalid request", errors=errors)


def _millis(moment: datetime) -> Millis:
    return Millis(int(moment.timestamp() * 1000))
