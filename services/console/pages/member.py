"""A member: what is known, why, and what may be done about them."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, NamedTuple

import msgspec
from fastapi import APIRouter, Response

from services.console.answers.cases import FlagPage
from services.console.answers.history import GroupHistory, InPart, MemberHistory
from services.console.answers.member import (
    Accounts,
    AlikeList,
    EntryPage,
    Member,
    Membership,
    Profile,
)
from services.console.charts import Series, Stretch
from services.console.client import Nothing, Trouble, Upstream, at, attempt, together
from services.console.view import Acting, SignedIn, Viewing, acting, viewing
from shared.web.scopes import Scope

_ENTRIES = 20
_FLAGS = 20
_GROUPS = 8
_SHOWN_OVER_TIME = 3
_SURE = 0.5
"""A part of less confidence is drawn paler."""


def routes() -> APIRouter:
    """Return the routes of one member."""
    router = APIRouter()

    @router.get("/members/{member:path}/export")
    async def export(view: Annotated[SignedIn, viewing(Scope.ADMIN)], member: str) -> Response:
        path = at("/v1/members/{}/export", member)
        told = await view.services.get(Upstream.SCORING, path, dict[str, Any])
        return Response(
            msgspec.json.format(msgspec.json.encode(told)),
            media_type="application/json",
            headers={
                "content-disposition": 'attachment; filename="member.json"',
                "cache-control": "no-store",
            },
        )

    @router.get("/members/{member:path}")
    async def show(view: Viewing, member: str) -> Response:
        return await member_page(view, member)

    @router.post("/members/{member:path}/erase")
    async def erase(act: Annotated[Acting, acting(Scope.ADMIN)], member: str) -> Response:
        if act.form["confirm"] != member:
            return await member_page(act, member, unconfirmed=True)
        path = at("/v1/members/{}", member)
        await act.services.call(Upstream.SCORING, "DELETE", path, Nothing)
        return act.see_other("/members", "done.erased")

    @router.post("/members/{member:path}/points")
    async def points(act: Annotated[Acting, acting(Scope.MEMBERS_WRITE)], member: str) -> Response:
        form = act.form
        body = {
            "group": form["group"],
            "entry": form["entry"],
            "amount": form.number("amount"),
            "reason": form["reason"],
        }
        path = at("/v1/members/{}/points/entries", member)
        try:
            await act.services.post(Upstream.SCORING, path, Nothing, body)
        except Trouble as trouble:
            if trouble.status not in (409, 422):
                raise
            return await member_page(act, member, trouble=trouble, form=form)
        return act.see_other(at("/members/{}", member), "done.points")

    return router


class History(NamedTuple):
    """A member's days and weeks in a group, as charts show them."""

    group: str
    role: str
    places: list[str]
    score: Series
    layers: list[Stretch]
    parts: list[Stretch]
    plays: str


def _histories(
    view: SignedIn, member: Member, told: MemberHistory | Trouble
) -> list[History] | Trouble:
    """Return the days in the groups with the highest scores."""
    if isinstance(told, Trouble):
        return told
    known = ((each, told.of(each.group)) for each in member.groups[:_SHOWN_OVER_TIME])
    return [_history(view, each, days) for each, days in known if days is not None]


def _history(view: SignedIn, membership: Membership, history: GroupHistory) -> History:
    t = view.t
    stretches = []
    for each in history.layers:
        word = t.known(f"layer.{each.layer}", each.layer)
        told = t("members.in_layer", layer=word, first=each.first, last=each.last, n=each.days)
        stretches.append(Stretch(word, each.layer, each.days, told))
    return History(
        membership.group,
        membership.role,
        [f"{each.day:%m-%d}" for each in history.days],
        Series(t("members.score"), [each.score for each in history.days]),
        stretches,
        [_played(view, each) for each in history.roles],
        _plays(view, history),
    )


def _plays(view: SignedIn, history: GroupHistory) -> str:
    """Tell the part that is played now."""
    if not history.parts:
        return ""
    latest = history.parts[-1]
    word = view.t.known(f"part.{latest.part}", latest.part)
    return view.t("members.plays", part=word, share=view.format.percent(latest.confidence))


def _played(view: SignedIn, each: InPart) -> Stretch:
    """Return a part and how long it was played, paler where it is less sure."""
    t = view.t
    word = t.known(f"part.{each.part}", each.part)
    share = view.format.percent(each.confidence)
    told = t(
        "members.in_part", part=word, first=each.first, last=each.last, n=each.days, share=share
    )
    style = each.part if each.confidence >= _SURE else f"{each.part} unsure"
    return Stretch(word, style, each.days, told)


async def member_page(view: SignedIn, member: str, **told: Any) -> Response:  # noqa: ANN401
    """Answer with all that is known of a member; `told` is why an action was refused."""
    ask = view.services.get
    found, profile, accounts, entries, alike, flags, history = await together(
        ask(Upstream.SCORING, at("/v1/members/{}", member), Member, explain=True),
        attempt(ask(Upstream.SCORING, at("/v1/members/{}/profile", member), Profile)),
        attempt(ask(Upstream.SCORING, at("/v1/members/{}/points", member), Accounts)),
        attempt(
            ask(
                Upstream.SCORING,
                at("/v1/members/{}/points/entries", member),
                EntryPage,
                limit=_ENTRIES,
            )
        ),
        attempt(
            ask(
                Upstream.SCORING,
                at("/v1/members/{}/matching-groups", member),
                AlikeList,
                limit=_GROUPS,
            )
        ),
        attempt(ask(Upstream.RULES, "/v1/flags", FlagPage, member=member, limit=_FLAGS)),
        attempt(ask(Upstream.SCORING, at("/v1/members/{}/history", member), MemberHistory)),
    )
    return view.render(
        "members/member.html",
        422 if told else 200,
        member=found,
        profile=profile,
        accounts=accounts,
        entries=entries,
        alike=alike,
        flags=flags,
        histories=_histories(view, found, history),
        entry=f"console-{secrets.token_hex(8)}",
        **{"trouble": None, "unconfirmed": False, "form": None, **told},
    )
