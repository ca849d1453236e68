"""What surrounds every request: trace and request ids, an access line, metrics, a last resort."""

from __future__ import annotations

import re
from functools import lru_cache
from time import perf_counter
from typing import Final

from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog import get_logger
from structlog.contextvars import bind_contextvars, reset_contextvars

from shared.web.problems import InternalError, render
from shared.web.tracing import Trace

log = get_logger(__name__)

REQUESTS: Final = Histogram(
    "steward_http_request_seconds",
    "Time from a request's head to the end of its answer.",
    ["service", "method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_SECRET: Final = re.compile(r"\b(sk|hk|whsec)_[\w+=-]+")
"""What opens something and may stand in a path."""
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Observe:
    """Pure ASGI: ids in the log context and on the response, and one line and one sample each.

    An error that nothing handled is logged here and answered with a 500 that
    tells nothing of our inside.
    """

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace, request_id = identify(*_ids_in(scope))
        scope["trace"], scope["trace_id"] = trace, trace.trace_id
        own_headers = [
            (b"traceparent", trace.header.encode()),
            (b"x-request-id", request_id.encode()),
        ]
        status, started = 0, perf_counter()

        async def send_identified(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *own_headers]
            await send(message)

        tokens = bind_contextvars(trace_id=trace.trace_id, request_id=request_id)
        try:
            await self._app(scope, receive, send_identified)
        except Exception:
            log.exception("request_failed", method=scope["method"], path=shown(scope["path"]))
            if status:
                raise
            answer = render(InternalError(), trace.trace_id)
            await answer(scope, receive, send_identified)
        finally:
            self._account(scope, status, perf_counter() - started)
            reset_contextvars(**tokens)

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = _template(scope)
        sample(self._service, method, route, str(status)).observe(seconds)
        if route not in _PROBES:
            log.info(
                "request",
                method=method,
                route=route,
                path=shown(scope["path"]),
                status=status,
                seconds=round(seconds, 6),
            )


@lru_cache(maxsize=2048)
def sample(service: str, method: str, route: str, status: str) -> Histogram:
    """Return what observes the seconds of requests of a kind."""
    return REQUESTS.labels(service, method, route, status)


def identify(traceparent: bytes, request_id: bytes) -> tuple[Trace, str]:
    """Return a request's trace and id: those of the headers where they are good, or new ones."""
    trace = Trace.follow(traceparent.decode("latin-1"))
    if not _REQUEST_ID.fullmatch(request_id):
        return trace, trace.span_id
    return trace, request_id.decode()


def _ids_in(scope: Scope) -> tuple[bytes, bytes]:
    traceparent = request_id = b""
    for name, value in scope["headers"]:
        if name == b"traceparent":
            traceparent = value
        elif name == b"x-request-id":
            request_id = value
    return traceparent, request_id


def shown(path: str) -> str:
    """Return a path as it may be logged: without what opens something."""
    return _SECRET.sub(r"\1_…", path)


def _template(scope: Scope) -> str:
    """Return the path as the route declares it, so that ids do not become label values."""
    if "endpoint" not in scope:
        return "unmatched"
    if not scope.get("path_params"):
        return str(scope["path"])
    route = scope["fastapi"].get("effective_route_context") or scope["route"]
    return str(route.path)
