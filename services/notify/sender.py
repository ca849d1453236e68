"""Sends attempts: one signed HTTP request each, and never a second hop."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter, time
from typing import Final, Protocol

import aiohttp
import structlog
from aiohttp import ClientResponse, ClientSession, ClientTimeout
from aiohttp.abc import AbstractResolver
from pymongo.errors import PyMongoError

from services.notify import metrics
from services.notify.attempts import Failure, Result, Verdict
from services.notify.connecting import connector as connections
from services.notify.connectors.contract import HttpRequest, UnsupportedError
from services.notify.connectors.registry import BY_TYPE
from services.notify.deliveries import Attempt
from services.notify.endpoints import Endpoint
from services.notify.guard import AddressRefusedError, Guard
from shared.events import EndpointId, trace_id_of

log = structlog.get_logger(__name__)

USER_AGENT: Final = "Steward/0.1"
MOST_KEPT: Final = 1_024
"""Bytes of an answer that the log of a delivery keeps."""
MOST_READ: Final = 65_536
"""Bytes of an answer that are read to keep its connection; beyond, it is closed."""


class FindsEndpoints(Protocol):
    """Where the sender learns an endpoint's URL and secrets in the moment of sending."""

    async def find(self, id: EndpointId) -> Endpoint | None:
        """Return the endpoint; None where it was removed. Raises PyMongo's errors."""


class _NoAnswer(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Sender:
    """The performer of notify's stage; a component, because it keeps connections open."""

    def __init__(
        self,
        guard: Guard,
        endpoints: FindsEndpoints,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._guard = guard
        self._endpoints = endpoints
        self._resolver = resolver
        self._session: ClientSession | None = None

    async def start(self) -> None:
        """Open the pool of connections."""
        self._session = _session(connections(self._guard, self._resolver))

    async def stop(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def problems(self) -> list[str]:
        return []

    def stuck(self) -> list[str]:
        return []

    async def perform(self, task: Attempt) -> Result:
        """Make one attempt; whatever goes wrong is in the result.

        That it was cancelled is a result, too: the stage counts on one for
        every attempt that it started.
        """
        started = perf_counter()
        with metrics.IN_FLIGHT.track_inprogress():
            try:
                result = await self._attempt(task, started)
            except _NoAnswer as none:
                result = Result(milliseconds=_since(started), failure=none.failure)
            except asyncio.CancelledError:
                result = Result(milliseconds=_since(started), failure=Failure.INTERRUPTED)
            except Exception:
                log.exception("attempt_broken", delivery=task.id)
                result = Result(milliseconds=_since(started), failure=Failure.INTERNAL)
        _tell(task, result)
        metrics.ATTEMPTS.labels(result.verdict, result.failure or _status_class(result)).inc()
        metrics.ATTEMPT_SECONDS.observe(perf_counter() - started)
        return result

    async def _attempt(self, task: Attempt, started: float) -> Result:
        endpoint = await self._endpoint(task.delivery.endpoint)
        connector = BY_TYPE[endpoint.type]
        try:
            request = connector.request(task, endpoint, int(time()))
        except UnsupportedError:
            raise _NoAnswer(Failure.UNSUPPORTED) from None
        with _failures(endpoint):
            return connector.result(await self._exchange(request, endpoint, started))

    async def _exchange(self, request: HttpRequest, endpoint: Endpoint, started: float) -> Result:
        assert self._session is not None, "the sender was not started"
        async with self._session.request(
            request.method,
            request.url,
            data=request.body,
            headers=request.headers,
            allow_redirects=False,
            timeout=ClientTimeout(total=endpoint.timeout_seconds),
        ) as response:
            body = await _start_of(response)
            return Result(
                milliseconds=_since(started),
                status=response.status,
                body=body,
                retry_after=response.headers.get("retry-after", "")[:64],
            )

    async def _endpoint(self, id: EndpointId) -> Endpoint:
        try:
            endpoint = await self._endpoints.find(id)
        except PyMongoError:
            raise _NoAnswer(Failure.INTERNAL) from None
        if endpoint is None:
            raise _NoAnswer(Failure.ENDPOINT_REMOVED)
        if not endpoint.enabled:
            raise _NoAnswer(Failure.ENDPOINT_DISABLED)
        return endpoint


def _session(pool: aiohttp.TCPConnector) -> ClientSession:
    """Return an HTTP client as deliveries need it: no cookies, no proxy, no unpacking."""
    return ClientSession(
        connector=pool,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"user-agent": USER_AGENT, "accept": "*/*"},
        skip_auto_headers=("accept-encoding",),
        auto_decompress=False,
        trust_env=False,
        raise_for_status=False,
    )


def _tell(task: Attempt, result: Result) -> None:
    """Log an attempt with the trace of the request that led to it; one that failed, loudly."""
    level = logging.DEBUG if result.verdict is Verdict.SUCCEEDED else logging.WARNING
    log.log(
        level,
        "attempt",
        delivery=task.id,
        endpoint=task.delivery.endpoint,
        status=result.status,
        failure=result.failure,
        milliseconds=result.milliseconds,
        trace_id=trace_id_of(task.delivery.trace),
    )


@contextmanager
def _failures(endpoint: Endpoint) -> Iterator[None]:
    """Translate what the HTTP client raises."""
    try:
        yield
    except TimeoutError:
        raise _NoAnswer(Failure.TIMEOUT) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        failure = _failure(error)
        log.info(
            "attempt_failed",
            endpoint=endpoint.id,
            failure=failure.value,
            error=type(error).__name__,
        )
        raise _NoAnswer(failure) from None


_FAILURES: Final[Mapping[type[Exception], Failure]] = {
    AddressRefusedError: Failure.ADDRESS_REFUSED,
    aiohttp.InvalidURL: Failure.ADDRESS_REFUSED,
    aiohttp.ClientConnectorDNSError: Failure.DNS,
    aiohttp.ClientSSLError: Failure.TLS,
    aiohttp.ServerFingerprintMismatch: Failure.TLS,
    ssl.SSLError: Failure.TLS,
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


def _since(started: float) -> int:
    return round((perf_counter() - started) * 1000)


def _status_class(result: Result) -> str:
    return f"{result.status // 100}xx"
