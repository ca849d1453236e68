"""Rule sets being written, tried and put in force, step by step."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from services.console.answers.rules import (
    Backtest,
    NameList,
    RuleSet,
    Verdict,
    Version,
    mistakes,
)
from services.console.client import Nothing, Trouble, Upstream, at, attempt
from services.console.highlighting import pieces
from services.console.view import Acting, SignedIn, acting, viewing
from shared.web.scopes import Scope

Writer = Annotated[Acting, acting(Scope.RULES_WRITE)]
BACKTEST_HOURS: Final = (1, 6, 24, 72, 168)
"""How far back a backtest from the page reaches: the log has seven days."""
CANARY_SHARES: Final = (5, 10, 25, 50)
"""Percent of the groups that a canary from the page may be in force in."""
_BEGINNING: Final = """\
name: {name}
extends: default

# thresholds: {{watch: 0.35, warn: 0.55, delete: 0.7}}

rules:
  - name: my_rule
    label: advertising
    weight: 0.4
    when: 'text.strange_links > 0 && text.pitch >= 1'
    because: sells something behind a strange link
"""


def routes() -> APIRouter:
    """Return the routes that change rule sets."""
    router = APIRouter()

    @router.get("/rules/draft")
    async def draft(
        view: Annotated[SignedIn, viewing(Scope.RULES_WRITE)],
        version: Annotated[str, Query(alias="from", max_length=200)] = "",
    ) -> Response:
        current = await view.services.get(Upstream.RULES, _path(version), RuleSet)
        is_own = bool(version) or current.name != "default"
        source = current.source if is_own else _BEGINNING.format(name=view.session.tenant)
        return await _editor(view, source=source)

    @router.post("/rules/draft")
    async def work(act: Writer) -> Response:
        todo = {"publish": _publish, "backtest": _backtest}.get(act.form["do"], _check)
        try:
            return await todo(act)
        except Trouble as trouble:
            if trouble.status not in (409, 422):
                raise
            return await _editor(act, source=_source(act), trouble=trouble)

    _add_steps(router)
    return router


def _add_steps(router: APIRouter) -> None:
    @router.post("/rules/versions/{version}/try")
    async def put_on_trial(act: Writer, version: str) -> Response:
        mode = "canary" if act.form["mode"] == "canary" else "shadow"
        share = act.form.number("share")
        body = {"mode": mode, "share": share if share in CANARY_SHARES else CANARY_SHARES[1]}
        await act.services.post(Upstream.RULES, at("/v1/rule-sets/{}:try", version), Nothing, body)
        return act.see_other(at("/rules/versions/{}", version), f"done.{mode}")

    @router.post("/rules/versions/{version}/enforce")
    async def enforce(act: Writer, version: str) -> Response:
        await act.services.post(Upstream.RULES, at("/v1/rule-sets/{}:activate", version), Nothing)
        return act.see_other(at("/rules/versions/{}", version), "done.enforce")

    @router.post("/rules/versions/{version}/backtest")
    async def backtest(act: Writer, version: str) -> Response:
        return await _begin_backtest(act, version=version)

    @router.post("/rules/end-trial")
    async def end_trial(act: Writer) -> Response:
        await act.services.call(Upstream.RULES, "DELETE", "/v1/rule-sets/trial", Nothing)
        return act.see_other("/rules", "done.trial_ended")

    @router.post("/rules/rollback")
    async def rollback(act: Writer) -> Response:
        await act.services.post(Upstream.RULES, "/v1/rule-sets:rollback", Nothing)
        return act.see_other("/rules", "done.rolled_back")


async def _check(act: Acting) -> Response:
    """Validate the draft, and judge the message by it."""
    source, text = _source(act), act.form["text"]
    body = {"source": source, "text": text, "group": act.form["group"] or None}
    verdict = await act.services.post(Upstream.RULES, "/v1/rule-sets:check", Verdict, body)
    return await _editor(act, source=source, verdict=verdict)


async def _publish(act: Acting) -> Response:
    body = {"source": _source(act), "note": act.form["note"]}
    made = await act.services.post(Upstream.RULES, "/v1/rule-sets", Version, body)
    return act.see_other(at("/rules/versions/{}", made.version), "done.published")


async def _backtest(act: Acting) -> Response:
    return await _begin_backtest(act, source=_source(act))


async def _begin_backtest(act: Acting, **what: str) -> Response:
    hours = act.form.number("hours")
    reach = timedelta(hours=hours if hours in BACKTEST_HOURS else BACKTEST_HOURS[0])
    now = act.format.now
    body = {**what, "from": (now - reach).isoformat(), "to": now.isoformat()}
    begun = await act.services.post(Upstream.RULES, "/v1/backtests", Backtest, body)
    return act.see_other(at("/rules/backtests/{}", begun.id))


async def _editor(
    view: SignedIn,
    *,
    source: str,
    verdict: Verdict | None = None,
    trouble: Trouble | None = None,
) -> Response:
    """Answer with the draft as it stands, and what is wrong with it or what it says."""
    names = await attempt(view.services.get(Upstream.RULES, "/v1/signals", NameList))
    form = view.form if isinstance(view, Acting) else None
    text = form["text"] if form else ""
    return view.render(
        "rules/draft.html",
        422 if trouble else 200,
        source=source,
        names=names.items if isinstance(names, NameList) else [],
        text=text,
        group=form["group"] if form else "",
        note=form["note"] if form else "",
        verdict=verdict,
        pieces=list(pieces(text, verdict.spans)) if verdict else [],
        trouble=trouble,
        mistakes=mistakes(trouble.errors) if trouble else [],
        hours=BACKTEST_HOURS,
    )


def _source(act: Acting) -> str:
    """Return the draft; browsers send lines that end in CR LF, which YAML would count as one."""
    return act.form["source"].replace("\r\n", "\n") + "\n"


def _path(version: str) -> str:
    return at("/v1/rule-sets/{}", version) if version else "/v1/rule-sets/current"
