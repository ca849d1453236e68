"""One HTTP request and its answer: no redirect, no cookie, no address that the guard refuses."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from time import perf_counter
from typing import Any, Final

import aiohttp
import structlog
from aiohttp import ClientResponse, ClientSession, ClientTimeout
from aiohttp.abc import AbstractResolver
from yarl import URL

from services.notify.attempts import Failure, Result
from services.notify.connecting import PooledResolver, VettedResolver, connector
from services.notify.connectors.contract import HttpRequest
from services.notify.guard import AddressRefusedError, Guard

log = structlog.get_logger(__name__)

USER_AGENT: Final = "Steward/0.1"
MOST_KEPT: Final = 1_024
"""Bytes of an answer that the log of a delivery keeps."""
MOST_READ: Final = 65_536
"""Bytes of an answer that are read to keep its connection; beyond, it is closed."""

NO_HEADERS: Final[Mapping[str, str]] = {}


class Exchange:
    """A component that keeps connections open.

    With a `proxy` every request goes through it, to the address that was
    vetted here; what the proxy itself gets wrong is a failure of its own.
    """

    def __init__(
        self, guard: Guard, resolver: AbstractResolver | None = None, proxy: str = ""
    ) -> None:
        self._guard = guard
        self._given = resolver
        self._proxy = proxy
        self._resolver: AbstractResolver | None = None
        self._session: ClientSession | None = None

    async def start(self) -> None:
        """Open the pool of connections."""
        self._resolver = VettedResolver(self._guard, self._given or PooledResolver())
        if self._proxy:
            self._session = _session(aiohttp.TCPConnector(limit=0, limit_per_host=0))
        else:
            self._session = _session(connector(self._guard, self._resolver))

    async def stop(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
        if self._resolver is not None:
            await self._resolver.close()

    def problems(self) -> list[str]:
        return []

    def stuck(self) -> list[str]:
        return []

    async def send(
        self, request: HttpRequest, seconds: float, endpoint: str
    ) -> tuple[Result, Mapping[str, str]]:
        """Return what came of a request within so many seconds, and the headers of the answer.

        `endpoint` is what logs call it. Cancellation is raised, nothing else.
        """
        started = perf_counter()
        told = f"{request.method} {request.shown_url or request.url} {len(request.body)} bytes"
        try:
            result, headers = await self._send(request, seconds, started)
        except TimeoutError:
            result, headers = Result(milliseconds=0, failure=Failure.TIMEOUT), NO_HEADERS
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = _failure(error)
            kind = type(error).__name__
            log.info("attempt_failed", endpoint=endpoint, failure=failure.value, error=kind)
            result, headers = Result(milliseconds=0, failure=failure), NO_HEADERS
        return _completed(result, started, told), headers

    async def _send(
        self, request: HttpRequest, seconds: float, started: float
    ) -> tuple[Result, Mapping[str, str]]:
        assert self._session is not None, "the exchange was not started"
        url = request.url
        options: dict[str, Any] = {}
        headers = dict(request.headers)
        if self._proxy:
            url, host, options = await self._pinned(request.url)
            headers["host"] = host
        async with self._session.request(
            request.method,
            url,
            data=request.body,
            headers=headers,
            allow_redirects=False,
            timeout=ClientTimeout(total=seconds),
            **options,
        ) as response:
            answered = _since(started)
            if self._proxy and _is_the_proxys(response):
                return Result(milliseconds=0, failure=Failure.PROXY), NO_HEADERS
            result = Result(
                milliseconds=0,
                status=response.status,
                body=await _start_of(response),
                retry_after=response.headers.get("retry-after", "")[:64],
                answered_ms=answered,
            )
            return result, response.headers

    async def _pinned(self, url: str) -> tuple[str, str, dict[str, Any]]:
        """Return the URL with a vetted address for its host, the host, and how to send both."""
        assert self._resolver is not None
        parts = URL(url)
        host, port = parts.host or "", parts.port or 0
        self._guard.check_port(port)
        try:
            self._guard.check_address(host)
            address = host
        except AddressRefusedError:
            address = (await self._resolver.resolve(host, port))[0]["host"]
            self._guard.check_address(address)
        options: dict[str, Any] = {"proxy": self._proxy}
        if parts.scheme == "https":
            options["server_hostname"] = host
        return str(parts.with_host(address)), parts.authority, options


def _session(pool: aiohttp.TCPConnector) -> ClientSession:
    """Return an HTTP client as deliveries need it: no cookies, no unpacking."""
    return ClientSession(
        connector=pool,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"user-agent": USER_AGENT, "accept": "*/*"},
        skip_auto_headers=("accept-encoding",),
        auto_decompress=False,
        trust_env=False,
        raise_for_status=False,
    )


_FAILURES: Final[Mapping[type[Exception], Failure]] = {
    AddressRefusedError: Failure.ADDRESS_REFUSED,
    aiohttp.InvalidURL: Failure.ADDRESS_REFUSED,
    aiohttp.ClientProxyConnectionError: Failure.PROXY,
    aiohttp.ClientHttpProxyError: Failure.PROXY,
    aiohttp.ClientConnectorDNSError: Failure.DNS,
    aiohttp.ClientSSLError: Failure.TLS,
    aiohttp.ServerFingerprintMismatch: Failure.TLS,
    ssl.SSLError: Failure.TLS,
    socket.gaierror: Failure.DNS,
    aiohttp.ClientConnectionError: Failure.CONNECTION,
    OSError: Failure.CONNECTION,
}
"""The first type that fits tells the failure; the most telling come first."""


def _failure(error: Exception) -> Failure:
    """Say what an error of the client means, or the one that it wraps."""
    cause = getattr(error, "os_error", None)
    if isinstance(cause, AddressRefusedError):
        return Failure.ADDRESS_REFUSED
    fitting = (failure for kind, failure in _FAILURES.items() if isinstance(error, kind))
    return next(fitting, Failure.PROTOCOL)


def _is_the_proxys(response: ClientResponse) -> bool:
    """Whether the proxy itself answered: it wants to be paid, or tells of an error (RFC 9209)."""
    told = response.headers.get("proxy-status", "")
    return response.status == 407 or (response.status >= 500 and "error=" in told)


async def _start_of(response: ClientResponse) -> str:
    """Read an answer's body to its end, or close it when it is long; return its start."""
    kept = bytearray()
    read = 0
    while read < MOST_READ and (chunk := await response.content.readany()):
        kept += chunk[: MOST_KEPT - len(kept)]
        read += len(chunk)
    if not response.content.at_eof():
        response.close()
    return bytes(kept).decode("utf-8", "replace")


def _completed(result: Result, started: float, told: str) -> Result:
    return Result(
        milliseconds=_since(started),
        status=result.status,
        failure=result.failure,
        body=result.body,
        retry_after=result.retry_after,
        answered_ms=result.answered_ms,
        request=told,
    )


def _since(started: float) -> int:
    return round((perf_counter() - started) * 1000)
