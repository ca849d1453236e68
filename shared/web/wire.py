"""Answers requests that come whole in one piece straight from the parser, past ASGI.

uvicorn makes a scope, a task and an event for every request; where a request
is answered without reading on, none of them is needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import msgspec
from structlog import get_logger
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.web.middleware import identify, sample
from shared.web.problems import MEDIA_TYPE, InternalError, Problem, as_document

if TYPE_CHECKING:
    from shared.web.tracing import Trace

log = get_logger(__name__)

MOST_BYTES: Final = 64 * 1024
"""Longest body that is answered this way."""
HEAD_SECONDS: Final = 10.0
"""How long a connection may take until the head of its first request, or a begun head, is there."""
HEAD_BYTES: Final = 64 * 1024
"""Longest head that comes in pieces."""
_JSON: Final = b"content-type: application/json\r\n"
_PROBLEM: Final = b"content-type: %s\r\n" % MEDIA_TYPE.encode()


class Whole:
    """A request that is there with its whole body, and the answer it will get.

    To uvicorn it is the connection's current cycle: what comes after it waits.
    """

    __slots__ = (
        "_connection",
        "_started",
        "body",
        "disconnected",
        "headers",
        "keep_alive",
        "path",
        "request_id",
        "response_complete",
        "trace",
    )

    def __init__(
        self, connection: Wire, path: str, headers: Mapping[bytes, bytes], body: bytes
    ) -> None:
        self._connection = connection
        self._started = perf_counter()
        self.path = path
        self.headers = headers
        self.body = body
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False
        self.trace: Trace
        self.request_id: str
        self.trace, self.request_id = identify(
            headers.get(b"traceparent", b""), headers.get(b"x-request-id", b"")
        )

    @property
    def message_event(self) -> Whole:
        """What uvicorn wakes when the client goes away."""
        return self

    def set(self) -> None:
        """Nothing waits for anything here."""

    def address(self) -> str:
        """Return the address that the request comes from. To be asked before it is taken."""
        return self._connection.address()

    def answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Send the answer: JSON."""
        self._send(status, _JSON, body, headers)

    def refuse(self, problem: Problem) -> None:
        """Send what is wrong as problem details."""
        body = msgspec.json.encode(as_document(problem, self.trace.trace_id))
        self._send(problem.status, _PROBLEM, body, problem.headers)

    def _send(self, status: int, kind: bytes, body: bytes, headers: Mapping[str, str]) -> None:
        self.response_complete = True
        seconds = perf_counter() - self._started
        sample(self._connection.service, "POST", self.path, str(status)).observe(seconds)
        log.debug("request", method="POST", path=self.path, status=status, seconds=seconds)
        if self.disconnected:
            return
        more = "".join(f"{name.lower()}: {value}\r\n" for name, value in headers.items())
        close = b"" if self.keep_alive else b"connection: close\r\n"
        head = b"%b%b%bcontent-length: %d\r\ntraceparent: %b\r\nx-request-id: %b\r\n%b%b\r\n" % (
            STATUS_LINE[status],
            self._connection.common_headers(),
            kind,
            len(body),
            self.trace.header.encode(),
            self.request_id.encode(),
            more.encode("latin-1"),
            close,
        )
        self._connection.complete(head + body, keep_alive=self.keep_alive)


class Wired(Protocol):
    """What answers requests to one path that came whole."""

    def take(self, request: Whole) -> bool:
        """See that `request` is answered, at once or later.

        False: it goes the usual way, and nothing has been done. Raises
        `Problem`, which is answered.
        """


class Wire(HttpToolsProtocol):
    """uvicorn's protocol, with a way past ASGI for what is wired.

    That way goes a POST over HTTP/1.1 whose head and body came in one read.
    Everything else, and what the endpoint leaves, takes the usual way.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:  # noqa: ANN401 (handed on)
        super().__init__(*arguments, **more)
        application: Any = self.config.app
        self._wired: Mapping[bytes, tuple[str, Wired]] = application.wired
        self._taking: tuple[str, Wired] | None = None
        self._body = b""
        self.service: str = application.state.service
        self._in_head = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._taking is not None:
            self._take_the_usual_way()
        if self._in_head:
            self._go_on_with_head(len(data))

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._body = b""
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._head_timer is not None or self._head_bytes:
            self._head_is_there()
        wired = self._wired.get(self.url)
        if wired is not None and self._is_plain():
            self._taking = wired
        else:
            self._begin_usually()

    def on_body(self, body: bytes) -> None:
        if self._taking is None:
            super().on_body(body)
        else:
            self._body += body
            if len(self._body) > MOST_BYTES:
                self._take_the_usual_way()

    def on_message_complete(self) -> None:
        if self._taking is None or not self._take():
            if self._taking is not None:
                self._take_the_usual_way()
            super().on_message_complete()

    def _is_plain(self) -> bool:
        parser = self.parser
        cycle: Any = self.cycle  # None before the first request
        return (
            (cycle is None or cycle.response_complete)
            and not self.flow.write_paused
            and not self.expect_100_continue
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
        )

    def _take(self) -> bool:
        """Offer the request, which is complete; return whether it was taken."""
        assert self._taking is not None
        path, endpoint = self._taking
        before, request = self.cycle, Whole(self, path, dict(self.headers), self._body)
        self.cycle = cast("Any", request)
        try:
            if not endpoint.take(request):
                self.cycle = before
                return False
        except Problem as problem:
            request.refuse(problem)
        except Exception:
            log.exception("request_failed", method="POST", path=path)
            request.refuse(InternalError())
        self._taking, self._body = None, b""
        return True

    def address(self) -> str:
        """Return the address that the request comes from, by the word of a trusted proxy."""
        host = "" if self.client is None else str(self.client[0])
        proxied = self.config.loaded_app
        if isinstance(proxied, ProxyHeadersMiddleware) and host in proxied.trusted_hosts:
            given = [value for name, value in self.headers if name == b"x-forwarded-for"]
            forwarded = b", ".join(given).decode("latin-1")
            return proxied.trusted_hosts.get_trusted_client_address(forwarded)[0] or host
        return host

    def _take_the_usual_way(self) -> None:
        body, self._taking, self._body = self._body, None, b""
        self._begin_usually()
        if body:
            super().on_body(body)

    def _begin_usually(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    def _go_on_with_head(self, size: int) -> None:
        """Wait for the rest of a head of which `size` bytes have come now."""
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES:
            self._refuse_head(431)
        elif self._head_timer is None:
            self._wait_for_head()

    def _wait_for_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._tire_of_head)

    def _head_is_there(self) -> None:
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _tire_of_head(self) -> None:
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._wait_for_head()  # the answer before it is still to come
        else:
            self._refuse_head(408)

    def _refuse_head(self, status: int) -> None:
        """Close the connection, saying why if a head has begun."""
        self._head_timer = None
        if self._in_head and not self.transport.is_closing():
            close = b"content-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + close)
        self.transport.close()

    def common_headers(self) -> bytes:
        """Return the headers that uvicorn puts on every answer."""
        return b"".join(b"%b: %b\r\n" % each for each in self.server_state.default_headers)

    def complete(self, answer: bytes, *, keep_alive: bool) -> None:
        """Send the answer of the current request, and go on to the next."""
        self.transport.write(answer)
        if not keep_alive:
            self.transport.close()
        self.on_response_complete()
