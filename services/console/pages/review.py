"""Review: the queue, cases, and what moderators decide."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from services.console.answers.cases import (
    Accepted,
    BulkAnswer,
    Case,
    CasePage,
    CaseSummary,
    FlagPage,
    IncidentPage,
)
from services.console.answers.member import Member
from services.console.client import Caller, Trouble, Upstream, at, attempt, together, until
from services.console.consequences import LEADS_TO, of_confirming, of_overturning
from services.console.explaining import explained
from services.console.highlighting import pieces
from services.console.view import Acting, SignedIn, acting, viewing
from shared.verdicts import Decision, Label
from shared.web.scopes import Scope

REASONS: Final = (
    "escalated", "appealed", "immune", "reported", "suspected", "regulated", "by_hand",
)  # fmt: skip
STATES: Final = ("", "open", "appealed", "confirmed", "overturned")
TEACHES: Final = ("auto", "content", "conduct")
STEPS: Final = ("confirmed", "overturned")
MOST_AT_ONCE: Final = 50
_A_PAGE: Final = 50

Reviewing = Annotated[SignedIn, viewing(Scope.REVIEW)]
Deciding = Annotated[Acting, acting(Scope.REVIEW)]
Given = Annotated[str, Query(max_length=200)]
Cursor = Annotated[str | None, Query(max_length=2000)]


def routes() -> APIRouter:
    """Return the routes under `/review`."""
    router = APIRouter()
    _add_queue(router)
    _add_case(router)
    _add_decisions(router)
    _add_bulk(router)
    return router


def _add_queue(router: APIRouter) -> None:
    @router.get("/review")
    async def queue(
        view: Reviewing,
        state: Given = "",
        reason: Given = "",
        label: Given = "",
        group: Given = "",
        sort: Given = "risk",
        cursor: Cursor = None,
    ) -> Response:
        chosen = {"state": state, "reason": reason, "label": label, "group": group, "sort": sort}
        wanted = {name: value for name, value in chosen.items() if value}
        page, campaigns = await together(
            view.services.get(
                Upstream.RULES, "/v1/cases", CasePage, limit=_A_PAGE, cursor=cursor, **wanted
            ),
            attempt(_open_campaigns(view.services)),
        )
        return view.render(
            "review/queue.html",
            page=page,
            campaigns=campaigns,
            chosen=chosen,
            query=urlencode(wanted),
            reasons=REASONS,
            states=STATES,
            labels=list(Label),
        )


def _add_case(router: APIRouter) -> None:
    @router.get("/review/cases/{id}")
    async def case(view: Reviewing, id: str) -> Response:
        found = await _case(view.services, id)
        member, past, others, around, campaigns = await together(
            attempt(view.services.get(Upstream.SCORING, _member(found), Member)),
            attempt(view.services.get(
                Upstream.RULES, "/v1/flags", FlagPage, member=found.member, limit=8
            )),
            attempt(view.services.get(
                Upstream.RULES, "/v1/cases", CasePage, member=found.member, limit=8
            )),
            attempt(_beside(view.services, id)),
            attempt(_open_campaigns(view.services)),
        )  # fmt: skip
        return view.render(
            "review/case.html",
            case=found,
            pieces=list(pieces(found.evidence.flag.event.said, found.evidence.flag.spans)),
            why=explained(found.evidence.flag.hits),
            member=member,
            past=past,
            others=others,
            around=around,
            campaign=_campaign_of(found, campaigns),
            confirming=confirming(found),
            overturning=of_overturning(found.in_force),
            teaches=TEACHES,
        )


def _add_decisions(router: APIRouter) -> None:
    @router.post("/review/cases/{id}/confirm")
    async def confirm(act: Deciding, id: str) -> Response:
        """Confirm a case, asking for more if the form says so."""
        body = {
            **_said(act),
            "decision": act.form["decision"] or Decision.ALLOW,
            "seconds": (act.form.number("hours") or 24) * 3600,
            "teaches": act.form["teaches"] or TEACHES[0],
        }
        return await _take(act, id, "confirm", body, "done.confirmed")

    @router.post("/review/cases/{id}/overturn")
    async def overturn(act: Deciding, id: str) -> Response:
        """Overturn a case: what was done is taken back."""
        body = {**_said(act), "teaches": act.form["teaches"] or TEACHES[0]}
        return await _take(act, id, "overturn", body, "done.overturned")

    @router.post("/review/cases/{id}/assign")
    async def assign(act: Deciding, id: str) -> Response:
        """Say who looks at a case; nobody where the form leaves it empty."""
        body = {**_said(act), "assignee": act.form["assignee"]}
        return await _take(act, id, "assign", body, "done.assigned")

    @router.post("/review/cases/{id}/appeal")
    async def appeal(act: Annotated[Acting, acting(Scope.EVENTS_WRITE)], id: str) -> Response:
        """Write down the member's appeal."""
        path = at("/v1/flags/{}:appeal", act.form["flag"])
        accepted = await act.services.post(
            Upstream.RULES, path, Accepted, {"note": act.form["note"]}
        )
        await seen(act.services, id, accepted.review)
        return act.see_other(at("/review/cases/{}", id), "done.appealed")


def _add_bulk(router: APIRouter) -> None:
    @router.get("/review/bulk")
    async def look(
        view: Reviewing,
        case: Annotated[list[str], Query(max_length=MOST_AT_ONCE)] = [],  # noqa: B006
        step: Given = STEPS[0],
    ) -> Response:
        """Show what one decision about many cases will send, before it is made."""
        cases = await together(*(_case(view.services, id) for id in dict.fromkeys(case)))
        chosen = step if step in STEPS else STEPS[0]
        return view.render(
            "review/bulk.html",
            step=chosen,
            cases=[(each, _bulk_sends(each, chosen)) for each in cases],
        )

    @router.post("/review/bulk")
    async def decide(act: Deciding) -> Response:
        """Make one decision about many cases."""
        cases = act.form.every("case")[:MOST_AT_ONCE]
        body = {**_said(act), "cases": cases, "step": act.form["step"]}
        answer = await act.services.post(Upstream.RULES, "/v1/cases:bulk", BulkAnswer, body)
        taken = [(each.case, each.review) for each in answer.results if each.review]
        await together(*(seen(act.services, case, review) for case, review in taken))
        refused = [each for each in answer.results if each.refused]
        if refused:
            return act.render("review/refused.html", taken=len(taken), refused=refused)
        return act.see_other("/review", "done.bulk")


def confirming(case: Case) -> dict[str, list[str]]:
    """Return what confirming sends, for each decision that may be asked for."""
    has_message = case.message is not None
    return {
        decision.value: [kind.value for kind in of_confirming(decision, has_message=has_message)]
        for decision in LEADS_TO
    }


async def seen(services: Caller, case: str, review: str) -> None:
    """Wait until a step that was accepted is applied, for a moment."""

    async def is_there() -> bool:
        return review in {step.id for step in (await _case(services, case)).steps}

    await until(is_there)


async def _take(act: Acting, id: str, step: str, body: dict[str, object], done: str) -> Response:
    path = at("/v1/cases/{}:" + step, id)
    accepted = await act.services.post(Upstream.RULES, path, Accepted, body)
    await seen(act.services, id, accepted.review)
    following = act.form["next"]
    to = at("/review/cases/{}", following) if following else "/review"
    return act.see_other(at("/review/cases/{}", id) if step == "assign" else to, done)


def _said(act: Acting) -> dict[str, object]:
    return {"moderator": act.session.name, "note": act.form["note"]}


def _bulk_sends(case: Case, step: str) -> list[str]:
    if step == "overturned":
        return [kind.value for kind in of_overturning(case.in_force)]
    return confirming(case)[Decision.ALLOW]


async def _case(services: Caller, id: str) -> Case:
    return await services.get(Upstream.RULES, at("/v1/cases/{}", id), Case)


async def _open_campaigns(services: Caller) -> IncidentPage:
    return await services.get(Upstream.RULES, "/v1/incidents", IncidentPage, state="open", limit=50)


async def _beside(services: Caller, id: str) -> tuple[CaseSummary | None, CaseSummary | None]:
    """Return the cases before and after one in the queue, where there are some."""
    waiting = (await services.get(Upstream.RULES, "/v1/cases", CasePage, limit=200)).items
    place = next((n for n, each in enumerate(waiting) if each.id == id), None)
    if place is None:
        return None, waiting[0] if waiting else None
    before = waiting[place - 1] if place else None
    return before, waiting[place + 1] if place + 1 < len(waiting) else None


def _campaign_of(case: Case, campaigns: IncidentPage | Trouble) -> object:
    fingerprint = case.evidence.flag.campaign
    if fingerprint is None or isinstance(campaigns, Trouble):
        return None
    return next((each for each in campaigns.items if each.fingerprint == fingerprint), None)


def _member(case: Case) -> str:
    return at("/v1/members/{}", case.member)
