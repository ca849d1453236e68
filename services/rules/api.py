"""REST: judge a text now, and flags."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from services.rules import metrics
from services.rules.check import check as judged
from services.rules.review.taught import Taught
from services.rules.rule_sets.catalog import RuleSets
from services.rules.rules import RuleSet
from services.rules.schemas import (
    CheckAnswer,
    CheckBatch,
    CheckBatchAnswer,
    CheckRequest,
    FlagAnswer,
    FlagPage,
)
from services.rules.store import FlagStore
from services.rules.word_lists.lists import WordLists
from shared.events import Millis, TenantId
from shared.verdicts import Label
from shared.web.auth import Tenanted
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound

Since = Annotated[AwareDatetime | None, Query(description="Only flags of events since then.")]


def rules_routes(
    rule_sets: RuleSets, flags: FlagStore, taught: Taught, lists: WordLists
) -> APIRouter:
    """Return the routes of the rules service."""
    router = APIRouter(tags=["rules"])

    @router.post("/check")
    async def check(tenant: Tenanted, request: CheckRequest) -> CheckAnswer:
        """Judge one text by itself, now, by the tenant's rule set; nothing is stored or done.

        With a `group`, by what a message there would meet: the version in force in it, a
        canary included, and its override. `rule_set`, `override` and `canaries` name them.
        """
        rules = _rules(rule_sets, tenant, request.group)
        with metrics.CHECK_SECONDS.time():
            checked = judged(
                rules,
                request.text,
                request.context(tenant),
                taught.of(tenant),
                lists.of(tenant),
            )
        metrics.CHECKS.labels(decision=checked.verdict.decision).inc()
        return CheckAnswer.of(checked)

    @router.post("/check:batch")
    async def check_batch(tenant: Tenanted, request: CheckBatch) -> CheckBatchAnswer:
        """Judge up to 100 texts, each by itself; the answers are in the order asked."""
        results = []
        for one in request.texts:
            results.append(await check(tenant, one))
            await asyncio.sleep(0)  # others are judged meanwhile
        return CheckBatchAnswer(results=results)

    @router.get("/flags")
    async def page(
        tenant: Tenanted,
        group: str | None = None,
        member: str | None = None,
        label: Label | None = None,
        since: Since = None,
        limit: Limit = 50,
        after: After = None,
    ) -> FlagPage:
        """List flags, latest first."""
        given = {"group": group, "member": member, "labels": label and label.value}
        wanted = {name: value for name, value in given.items() if value}
        start = Millis(0 if since is None else int(since.timestamp() * 1000))
        found = await flags.page(tenant, wanted, start, after, limit)
        end = next_cursor([(flag.time, flag.id) for flag in found], limit)
        return FlagPage(items=[FlagAnswer.of(flag) for flag in found], next=end)

    @router.get("/flags/{id}")
    async def get(tenant: Tenanted, id: str) -> FlagAnswer:
        """Tell one flag with all that explains it."""
        flag = await flags.get(tenant, id)
        if flag is None:
            raise NotFound("There is no such flag.")
        return FlagAnswer.of(flag)

    return router


def _rules(rule_sets: RuleSets, tenant: TenantId, group: str | None) -> RuleSet:
    """Return the rule set in force in a group, or wherever no trial is."""
    return rule_sets.of(tenant) if group is None else rule_sets.judges(tenant, group).acting
