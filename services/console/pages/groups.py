"""Groups: the list, worst first, and one group with everything that is known of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from services.console.answers.groups import Group, GroupPage
from services.console.answers.insight import (
    Activity,
    Conduct,
    Digest,
    KeyPeople,
    Split,
    Talk,
)
from services.console.charts import Series
from services.console.client import Trouble, Upstream, at, attempt, together
from services.console.view import Viewing

Order = Literal["health", "group"]
Rhythm = Literal["day", "week"]
_A_PAGE: Final = 50
_LINES: Final = 60
"""Of the talk graph: more of them are a tangle."""


def routes() -> APIRouter:
    """Return the routes under `/groups`."""
    router = APIRouter()

    @router.get("/groups")
    async def groups(
        view: Viewing,
        sort: Order = "health",
        cursor: Annotated[str | None, Query(max_length=2000)] = None,
    ) -> Response:
        page = await view.services.get(
            Upstream.SCORING, "/v1/groups", GroupPage, sort=sort, limit=_A_PAGE, cursor=cursor
        )
        query = urlencode({"sort": sort})
        return view.render("groups/list.html", page=page, sort=sort, query=query)

    @router.get("/groups/{group:path}")
    async def group(view: Viewing, group: str, rhythm: Rhythm = "day") -> Response:
        services = view.services
        base = at("/v1/groups/{}", group)
        found, activity, people, talk, split, digest, conduct = await together(
            services.get(Upstream.SCORING, base, Group),
            attempt(services.get(Upstream.SCORING, f"{base}/activity", Activity)),
            attempt(services.get(Upstream.SCORING, f"{base}/key-people", KeyPeople)),
            attempt(services.get(Upstream.SCORING, f"{base}/talk", Talk, limit=_LINES)),
            attempt(services.get(Upstream.SCORING, f"{base}/split-advice", Split)),
            attempt(services.get(Upstream.SCORING, f"{base}/digest", Digest, rhythm=rhythm)),
            attempt(services.get(Upstream.SCORING, f"{base}/conduct", Conduct)),
        )
        return view.render(
            "groups/group.html",
            group=found,
            activity=activity,
            people=people,
            talk=talk,
            split=split,
            digest=digest,
            conduct=conduct,
            rhythm=rhythm,
            **_drawn(found, activity, people, talk, split),
        )

    return router


def _drawn(
    group: Group,
    activity: Activity | Trouble,
    people: KeyPeople | Trouble,
    talk: Talk | Trouble,
    split: Split | Trouble,
) -> dict[str, Any]:
    """Return what the charts show."""
    days = [] if isinstance(activity, Trouble) else activity.days
    named = set() if isinstance(people, Trouble) else {each.member for each in people.items}
    halves = [] if isinstance(split, Trouble) else split.halves
    lines = [] if isinstance(talk, Trouble) else talk.items
    return {
        "day_names": [_short(each.day) for each in days],
        "health": Series("health", [*(each.health for each in days[:-1]), group.health]),
        "written": [float(each.messages) for each in days],
        "seen": Series("active", [float(each.active) for each in days]),
        "lines": [(each.one, each.other, each.weight) for each in lines],
        "named": named,
        "key_bars": []
        if isinstance(people, Trouble)
        else [(each.member, each.score) for each in people.items],
        "halves": {member: n for n, half in enumerate(halves) for member in half.members},
    }


def _short(day: date) -> str:
    return f"{day:%m-%d}"
