"""One HTTP request and its answer: no redirect, no cookie, no address that the guard refuses."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from time import perf_counter
from typing import Final

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver

from services.notify.attempts import Failure, Result
from services.notify.client.answers import Answer
from services.notify.client.pool import Pool
from services.notify.client.proxied import ProxiedClient, ProxyError
from services.notify.connecting import Connector, PooledResolver, VettedResolver
from services.notify.connectors.contract import HttpRequest
from services.notify.guard import AddressRefusedError, Guard

log = structlog.get_logger(__name__)

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
        self._resolver: VettedResolver | None = None
        self._client: Pool | ProxiedClient | None = None

    async def start(self) -> None:
        """Open the pool of connections."""
        self._resolver = VettedResolver(self._guard, self._given or PooledResolver())
        if self._proxy:
            self._client = ProxiedClient(self._proxy, self._guard, self._resolver)
        else:
            self._client = Pool(Connector(self._guard, self._resolver))

    async def stop(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()
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
        assert self._client is not None, "the exchange was not started"
        started = perf_counter()
        told = f"{request.method} {request.shown_url or request.url} {len(request.body)} bytes"
        try:
            async with asyncio.timeout(seconds):
                answer = await self._client.send(
                    request.method, request.url, request.headers, request.body
                )
        except TimeoutError:
            return _failed(Failure.TIMEOUT, started, told), NO_HEADERS
        except (aiohttp.ClientError, ProxyError, OSError, ValueError) as error:
            failure = _failure(error)
            kind = type(error).__name__
            log.info("attempt_failed", endpoint=endpoint, failure=failure.value, error=kind)
            return _failed(failure, started, told), NO_HEADERS
        return _answered(answer, started, told), answer.headers


_FAILURES: Final[Mapping[type[Exception], Failure]] = {
    AddressRefusedError: Failure.ADDRESS_REFUSED,
    aiohttp.InvalidURL: Failure.ADDRESS_REFUSED,
    ProxyError: Failure.PROXY,
    aiohttp.ClientConnectorDNSError: Failure.DNS,
    aiohttp.ClientSSLError: Failure.TLS,
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


def _answered(answer: Answer, started: float, told: str) -> Result:
    return Result(
        milliseconds=_since(started),
        status=answer.status,
        body=answer.body.decode("utf-8", "replace"),
        retry_after=answer.headers.get("retry-after", "")[:64],
        answered_ms=round((answer.head_at - started) * 1000),
        request=told,
    )


def _failed(failure: Failure, started: float, told: str) -> Result:
    return Result(milliseconds=_since(started), failure=failure, request=told)


def _since(started: float) -> int:
    return round((perf_counter() - started) * 1000)
