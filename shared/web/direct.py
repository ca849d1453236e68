"""Routes that are answered by plain ASGI, past everything that the framework does."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problems import known, render
from shared.web.wire import Wired


class Application(FastAPI):
    """A FastAPI application with direct routes, which are looked at before all others."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 (handed on as they are)
        super().__init__(**options)
        self.direct: dict[tuple[str, str], ASGIApp] = {}
        """What answers requests of a method to a path."""
        self.wired: dict[bytes, tuple[str, Wired]] = {}
        """What answers POST requests that came whole, by the path as it is sent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            endpoint = self.direct.get((scope["method"], scope["path"]))
            if endpoint is not None:
                await endpoint(scope, receive, send)
                return
        await super().__call__(scope, receive, send)


class Direct:
    """An endpoint by itself: what it raises is answered as problem details.

    It raises before it has begun to answer, or what nobody foresaw.
    """

    def __init__(self, endpoint: ASGIApp) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["endpoint"] = self._endpoint
        try:
            await self._endpoint(scope, receive, send)
        except Exception as error:
            problem = known(error)
            if problem is None:
                raise
            await render(problem, scope["trace_id"])(scope, receive, send)
