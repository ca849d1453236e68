"""The platforms' doors: `/v1/hooks/{platform}/{source}`, where `source` is a door's key."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response
from structlog import get_logger

from services.ingest.body import ClientGoneError
from services.ingest.door import Door, Sender, foreign_address
from services.ingest.metrics import HOOKS
from services.ingest.platforms import contract
from services.ingest.platforms.contract import (
    ForgedError,
    Platform,
    Received,
    UnreadableError,
)
from services.ingest.platforms.drafting import event_of
from services.ingest.platforms.table import PLATFORMS
from services.ingest.store import Hook, Source, Sources
from shared.web.auth import address_of
from shared.web.problems import NotFound, Problem

log = get_logger(__name__)

MAX_BODY_BYTES: Final = 1024 * 1024
LONGEST_KIND: Final = 80
"""Characters of a platform's word for an event that are logged."""
PlatformName = Annotated[str, Path(description="The platform.", examples=["telegram"])]
Key = Annotated[
    str, Path(description="The key of the source's door: see `hook.path` of the source.")
]
_KEY: Final = re.compile(r"hk_[0-9a-f]{48}")
_DOOR: Final = "/hooks/{platform}/{source}"
_METHODS: Final = sorted({method for each in PLATFORMS.values() for method in each.methods})
_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    204: {"description": "Taken; the platform wants no content."},
    400: {"description": "The body is not in the platform's format."},
    401: {"description": "The platform's signature or token is missing, wrong or too old."},
    403: {"description": "The source takes nothing from this address."},
    404: {"description": "There is no such door."},
    405: {"description": "The platform does not send requests of this method."},
    408: {"description": "The body did not come in time."},
    413: {"description": "The body is too large."},
    415: {"description": "The body's encoding is not one that is read."},
    429: {"description": "The door's limit is reached: to be sent again after `Retry-After`."},
}


def hooks_router(door: Door, sources: Sources) -> APIRouter:
    """Return the routes of the platforms' doors."""
    router = APIRouter(tags=["platforms"])
    answer = Hooks(door, sources).answer
    for path, methods in ((_DOOR, ("GET", "POST")), (_DOOR + "/{rest:path}", _METHODS)):
        for method in methods:
            router.add_api_route(
                path,
                answer,
                methods=[method],
                operation_id=f"hook_{method.lower()}",
                summary="Take in what a platform sends",
                response_class=Response,
                responses=_PROBLEMS,
                include_in_schema=path == _DOOR,
            )
    return router


class Hooks:
    """Takes in what platforms send, and answers as they want to be answered."""

    def __init__(self, door: Door, sources: Sources) -> None:
        self._door = door
        self._sources = sources

    async def answer(self, request: Request, platform: PlatformName, source: Key) -> Response:
        """Answer one request, once what is in it is safe in Kafka.

        Raises `Problem`: 401 if it is not the platform's, 403 if it may not come from its
        address, 404 if there is no such door.
        """
        found, hook = await self._find(platform, source)
        methods = PLATFORMS[platform].methods
        if request.method not in methods:
            allow = {"Allow": ", ".join(methods)}
            raise Problem(405, "Method Not Allowed", headers=allow)
        self._door.begin_hook(hook)
        sender = Sender(found.tenant, address_of(request.scope), hook)
        if not found.terms(datetime.now(UTC)).lets_in(sender.address):
            raise foreign_address(found.source, sender.address)
        with self._door.body(found.tenant, MAX_BODY_BYTES) as opened:
            try:
                body = await opened.read(request.headers, request.receive)
            except ClientGoneError:
                return Response(status_code=400)
            received = _receive(PLATFORMS[platform], hook, request, body)
            await self._hand_over(received, found, sender, request)
        reply = received.reply
        return Response(reply.body, reply.status, media_type=reply.media_type)

    async def _find(self, platform: str, key: str) -> tuple[Source, Hook]:
        """Return the source of the door, which must be of the platform in the path."""
        unknown = NotFound("There is no such door.")
        if platform not in PLATFORMS or not _KEY.fullmatch(key):
            raise unknown
        try:
            source = await self._sources.hooked(key)
        except LookupError:
            raise unknown from None
        if source.hook is None or source.hook.platform != platform:
            raise unknown
        return source, source.hook

    async def _hand_over(
        self, received: Received, source: Source, sender: Sender, request: Request
    ) -> None:
        now = datetime.now(UTC)
        drafts = received.drafts
        found = [event_of(draft, source.tenant, source.source, now) for draft in drafts]
        taken = [each for each in found if each is not None]
        if taken:
            await self._door.hand_over(taken, sender, request.scope["trace"])
        misfits = [draft.kind for draft, event in zip(drafts, found, strict=True) if event is None]
        _count(request.path_params["platform"], len(taken), misfits, received.ignored)


def _receive(platform: Platform, hook: Hook, request: Request, body: bytes) -> Received:
    asked = contract.Request(
        method=request.method,
        headers=dict(request.headers),
        query=dict(request.query_params),
        body=body,
        rest=request.path_params.get("rest", ""),
        now=int(time.time()),
    )
    try:
        return platform.receive(asked, hook.secrets, hook.mapping)
    except ForgedError as forged:
        HOOKS.labels(platform.name, "forged").inc()
        headers = {"WWW-Authenticate": f'Webhook realm="{platform.name}"'}
        raise Problem(
            401, "Invalid signature", detail=f"{forged.reason}.".capitalize(), headers=headers
        ) from None
    except UnreadableError as unreadable:
        HOOKS.labels(platform.name, "unreadable").inc()
        raise Problem(400, "Unreadable body", detail=str(unreadable)) from None


def _count(platform: str, taken: int, misfits: list[str], ignored: list[str]) -> None:
    HOOKS.labels(platform, "event").inc(taken)
    for outcome, kinds in (("misfit", misfits), ("ignored", ignored)):
        HOOKS.labels(platform, outcome).inc(len(kinds))
        for kind in kinds:
            log.debug("hook_event_not_taken", why=outcome, kind=kind[:LONGEST_KIND])
