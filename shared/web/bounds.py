"""Bounds on the bodies of ordinary routes, which the framework would read whatever they are."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.json_depth import MOST_DEPTH, is_too_deep
from shared.web.problems import Problem, render

MOST_BYTES: Final = 8 * 1024 * 1024
"""Longest body of an ordinary route."""
BODY_SECONDS: Final = 60.0
"""Longest time that a body may take."""
_CLOSE: Final = {"Connection": "close"}


class Bounds:
    """Pure ASGI: reads a request's body within bounds before the route sees the request.

    What answers 413, 408 or 400 here never reached a route. Paths that begin
    with one of `unbounded` read bodies on their own terms.
    """

    def __init__(self, app: ASGIApp, unbounded: tuple[str, ...] = ()) -> None:
        self._app = app
        self._unbounded = unbounded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._unbounded):
            await self._app(scope, receive, send)
            return
        try:
            body = await _read(scope, receive)
        except Problem as problem:
            await render(problem, scope.get("trace_id"))(scope, receive, send)
            return
        if body is not None:
            await self._app(scope, _Replayed(body, receive), send)


class _Replayed:
    """Gives a body that was read, once, and then whatever else comes."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            return await self._receive()
        return {"type": "http.request", "body": body, "more_body": False}


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    """Return the body; None if the client went away. Raises `Problem`."""
    headers = dict(scope["headers"])
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and (len(declared) > 18 or int(declared) > MOST_BYTES):
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _whole(receive)
    except TimeoutError:
        detail = "The body did not come in time."
        raise Problem(408, "Request timeout", detail=detail, headers=_CLOSE) from None
    if body is not None and is_too_deep(body):
        detail = f"Arrays and objects may be nested {MOST_DEPTH} deep."
        raise Problem(400, "Nested too deeply", detail=detail)
    return body


async def _whole(receive: Receive) -> bytes | None:
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > MOST_BYTES:
            raise _too_large()
        more = message.get("more_body", False)
    return b"".join(pieces)


def _too_large() -> Problem:
    detail = f"A body may have {MOST_BYTES} bytes here."
    return Problem(413, "Body too large", detail=detail, headers=_CLOSE)
