"""Sources: the doors, the keys, and the events that come in."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Response

from services.console.answers.sources import (
    ArchiveSettings,
    ArrivedPage,
    KeyChangePage,
    KeyPage,
    SourcePage,
)
from services.console.client import Nothing, Query, Trouble, Upstream, at, attempt, together
from services.console.view import Acting, SignedIn, Viewing, acting
from shared.web.scopes import Scope

T = TypeVar("T")
ARCHIVE_DAYS: Final = 30
"""For how long events are kept if the archive is turned on here."""
_EVENTS: Final = 30


def routes() -> APIRouter:
    """Return the routes under `/sources`."""
    router = APIRouter()

    @router.get("/sources")
    async def sources(view: Viewing) -> Response:
        found, events, archive, keys, changes = await together(
            attempt(view.services.get(Upstream.INGEST, "/v1/sources", SourcePage, limit=100)),
            _if(view, Scope.REVIEW, "/v1/archive", ArrivedPage, sort="-time", limit=_EVENTS),
            _if(view, Scope.ADMIN, "/v1/archive/settings", ArchiveSettings),
            _if(view, Scope.ADMIN, "/v1/keys", KeyPage, limit=100),
            _if(view, Scope.ADMIN, "/v1/key-changes", KeyChangePage, limit=8),
        )
        return view.render(
            "sources.html",
            sources=found,
            events=events,
            archive=archive,
            keys=keys,
            changes=changes,
            scopes=len(Scope),
            days=ARCHIVE_DAYS,
        )

    @router.post("/sources/archive")
    async def turn_on(act: Annotated[Acting, acting(Scope.ADMIN)]) -> Response:
        """Have events kept from now on."""
        body = {"retention_days": ARCHIVE_DAYS}
        await act.services.call(Upstream.INGEST, "PUT", "/v1/archive", Nothing, body=body)
        return act.see_other("/sources", "done.archived")

    @router.post("/sources/keys/{id}/revoke")
    async def revoke(act: Annotated[Acting, acting(Scope.ADMIN)], id: str) -> Response:
        """Make a key worthless."""
        path = at("/v1/keys/{}", id)
        await act.services.call(Upstream.INGEST, "DELETE", path, Nothing)
        return act.see_other("/sources", "done.revoked")

    return router


async def _if(
    view: SignedIn, scope: Scope, path: str, kind: type[T], **query: Query
) -> T | Trouble | None:
    """Return what ingest tells; None to who may not ask."""
    if not view.may(scope):
        return None
    return await attempt(view.services.get(Upstream.INGEST, path, kind, **query))
