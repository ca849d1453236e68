"""REST: judge a text now, flags, and the rule set in force."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from services.rules import metrics
from services.rules.check import Checker
from services.rules.paging import CursorError, read_cursor, write_cursor
from services.rules.schemas import CheckAnswer, CheckRequest, FlagAnswer, FlagPage, RuleSetAnswer
from services.rules.store import FlagStore
from shared.events import Label, Millis
from shared.web.auth import Tenanted
from shared.web.problems import NotFound, Problem

Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]
Since = Annotated[AwareDatetime | None, Query(description="Only flags of events since then.")]


def rules_routes(checker: Checker, flags: FlagStore) -> APIRouter:
    """Return the routes of the rules service."""
    router = APIRouter(tags=["rules"])

    @router.post("/check")
    async def check(_: Tenanted, request: CheckRequest) -> CheckAnswer:
        """Judge one text by itself, now; nothing is stored and nothing is done."""
        with metrics.CHECK_SECONDS.time():
            checked = checker.check(request.text, request.context)
        metrics.CHECKS.labels(decision=checked.verdict.decision).inc()
        return CheckAnswer.of(checked)

    @router.get("/flags")
    async def page(
        tenant: Tenanted,
        group: str | None = None,
        member: str | None = None,
        label: Label | None = None,
        since: Since = None,
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> FlagPage:
        """List flags, latest first."""
        given = {"group": group, "member": member, "labels": label and label.value}
        wanted = {name: value for name, value in given.items() if value}
        start = Millis(0 if since is None else int(since.timestamp() * 1000))
        found = await flags.page(tenant, wanted, start, _before(cursor), limit)
        end = write_cursor(found[-1].time, found[-1].id) if len(found) == limit else None
        return FlagPage(items=[FlagAnswer.of(flag) for flag in found], next=end)

    @router.get("/flags/{id}")
    async def get(tenant: Tenanted, id: str) -> FlagAnswer:
        """Tell one flag with all that explains it."""
        flag = await flags.get(tenant, id)
        if flag is None:
            raise NotFound("There is no such flag.")
        return FlagAnswer.of(flag)

    @router.get("/rule-sets/current")
    async def current(_: Tenanted) -> RuleSetAnswer:
        """Tell the rule set in force, whose version verdicts name."""
        return RuleSetAnswer.of(checker.pack)

    return router


def _before(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    try:
        return read_cursor(cursor)
    except CursorError as error:
        errors = [{"field": "cursor", "detail": str(error)}]
        raise Problem(422, "Invalid request", errors=errors) from error
