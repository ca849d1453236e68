"""Today: what needs a person, the most urgent first."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Protocol, TypeVar

from fastapi import APIRouter, Response

from services.console.answers.cases import CasePage, IncidentPage
from services.console.answers.deliveries import EndpointPage, Replayed, Stats, Traffic
from services.console.answers.groups import GroupPage
from services.console.client import Trouble, Upstream, at, attempt, together
from services.console.needs import failing_of, needs_of
from services.console.view import Acting, SignedIn, Viewing, acting
from shared.web.scopes import Scope

T = TypeVar("T")


class Page(Protocol[T]):
    """A page of a list."""

    @property
    def items(self) -> list[T]: ...


LOOKED_AT: Final = 100
"""Groups that are looked at: the least healthy ones."""
SHOWN: Final = 30
_MOST_CASES: Final = 200
_AGAIN: Final = timedelta(days=1)
"""Back to when given-up deliveries are sent once more."""


def routes() -> APIRouter:
    """Return the routes of `/` and of what is answered there."""
    router = APIRouter()

    @router.get("/")
    async def today(view: Viewing) -> Response:
        services = view.services
        groups, stats, endpoints, cases, campaigns = await together(
            attempt(services.get(
                Upstream.SCORING, "/v1/groups", GroupPage, sort="health", limit=LOOKED_AT
            )),
            attempt(services.get(Upstream.NOTIFY, "/v1/delivery-stats", Stats)),
            attempt(services.get(Upstream.NOTIFY, "/v1/endpoints", EndpointPage, limit=200)),
            attempt(_cases(view)),
            attempt(_campaigns(view)),
        )  # fmt: skip
        parts = (groups, stats, endpoints, cases, campaigns)
        needs = needs_of(_items(groups), _items(cases))
        return view.render(
            "today.html",
            needs=needs[:SHOWN],
            more=max(0, len(needs) - SHOWN),
            failing=failing_of(_items(endpoints), _items(stats)),
            campaigns=_items(campaigns),
            cases=len(_items(cases)),
            groups=len(_items(groups)),
            delivered=Traffic.of(_items(stats)),
            troubles=[each for each in parts if isinstance(each, Trouble)],
        )

    @router.post("/today/endpoints/{id}/replay")
    async def replay(act: Annotated[Acting, acting(Scope.ENDPOINTS_WRITE)], id: str) -> Response:
        """Send an endpoint's given-up deliveries of a day once more."""
        body = {"since": act.format.now - _AGAIN, "state": "dead"}
        await act.services.post(Upstream.NOTIFY, at("/v1/endpoints/{}:replay", id), Replayed, body)
        return act.see_other("/", "done.replayed")

    return router


async def _cases(view: SignedIn) -> CasePage:
    if not view.may(Scope.REVIEW):
        return CasePage([])
    return await view.services.get(Upstream.RULES, "/v1/cases", CasePage, limit=_MOST_CASES)


async def _campaigns(view: SignedIn) -> IncidentPage:
    if not view.may(Scope.REVIEW):
        return IncidentPage([])
    return await view.services.get(
        Upstream.RULES, "/v1/incidents", IncidentPage, state="open", limit=5
    )


def _items(answer: Page[T] | Trouble) -> list[T]:
    return [] if isinstance(answer, Trouble) else answer.items
