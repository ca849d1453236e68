"""Rule lab: what judges now, versions and trials, backtests, and a message tried out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.console.answers.rules import (
    Backtest,
    BacktestPage,
    Comparison,
    Deployment,
    Precision,
    RuleSet,
    Verdict,
    VersionPage,
    moved,
)
from services.console.client import Upstream, at, attempt, together
from services.console.highlighting import pieces
from services.console.view import SignedIn, Viewing

_VERSIONS = 20
_BACKTESTS = 10
LONGEST_TRIED = 1_500
"""Characters of a message that is tried on the page by its address."""


def routes() -> APIRouter:
    """Return the routes under `/rules` that show something."""
    router = APIRouter()

    @router.get("/rules")
    async def lab(
        view: Viewing,
        text: Annotated[str, Query(max_length=LONGEST_TRIED)] = "",
        group: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        ask = view.services.get
        current, deployment, versions, backtests, precision = await together(
            ask(Upstream.RULES, "/v1/rule-sets/current", RuleSet),
            ask(Upstream.RULES, "/v1/rule-sets/deployment", Deployment),
            ask(Upstream.RULES, "/v1/rule-sets", VersionPage, limit=_VERSIONS),
            attempt(ask(Upstream.RULES, "/v1/backtests", BacktestPage, limit=_BACKTESTS)),
            attempt(ask(Upstream.RULES, "/v1/precision", Precision)),
        )
        verdict = await _tried(view, text, group.strip()) if text.strip() else None
        return view.render(
            "rules/lab.html",
            current=current,
            deployment=deployment,
            versions=versions.items,
            backtests=backtests,
            precision=precision,
            text=text,
            group=group.strip(),
            verdict=verdict,
            pieces=list(pieces(text, verdict.spans)) if isinstance(verdict, Verdict) else [],
        )

    @router.get("/rules/versions/{version}")
    async def version(view: Viewing, version: str) -> Response:
        ask = view.services.get
        found, deployment, comparison = await together(
            ask(Upstream.RULES, at("/v1/rule-sets/{}", version), RuleSet),
            ask(Upstream.RULES, "/v1/rule-sets/deployment", Deployment),
            attempt(ask(Upstream.RULES, at("/v1/rule-sets/{}/comparison", version), Comparison)),
        )
        return view.render(
            "rules/version.html",
            found=found,
            version=version,
            deployment=deployment,
            step=deployment.step_of(version),
            comparison=comparison,
        )

    @router.get("/rules/backtests/{id}")
    async def backtest(view: Viewing, id: str) -> Response:
        found = await view.services.get(Upstream.RULES, at("/v1/backtests/{}", id), Backtest)
        changes = [] if found.report is None else moved(found.report.changes)
        return view.render("rules/backtest.html", backtest=found, changes=changes)

    return router


async def _tried(view: SignedIn, text: str, group: str) -> object:
    """Return what the rule set in force says of a text in a group, or why there is no answer."""
    body = {"text": text, "group": group or None}
    asking = view.services.post(Upstream.RULES, "/v1/check", Verdict, body)
    return await attempt(asking)
