"""Sends attempts: one request each, as the endpoint's connector makes it, at its pace."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic, perf_counter, time
from typing import Final, Protocol

import structlog
from msgspec import structs
from pymongo.errors import PyMongoError

from services.notify import metrics
from services.notify.attempts import Failure, Result, Verdict
from services.notify.connectors.contract import UnsupportedError
from services.notify.connectors.registry import BY_TYPE
from services.notify.deliveries import Attempt
from services.notify.endpoints import Endpoint
from services.notify.exchange import Exchange
from services.notify.pace import Pacer, rate_of
from shared.events import EndpointId, trace_id_of

log = structlog.get_logger(__name__)

_UNAVAILABLE: Final = Result(milliseconds=0, failure=Failure.INTERNAL)


class FindsEndpoints(Protocol):
    """Where the sender learns an endpoint's URL and secrets in the moment of sending."""

    async def find(self, id: EndpointId) -> Endpoint | None:
        """Return the endpoint; None where it was removed. Raises PyMongo's errors."""


class Sender:
    """The performer of notify's stage."""

    def __init__(self, exchange: Exchange, endpoints: FindsEndpoints) -> None:
        self._exchange = exchange
        self._endpoints = endpoints
        self._pacer = Pacer()

    async def perform(self, task: Attempt) -> Result:
        """Make one attempt; whatever goes wrong is in the result.

        That it was cancelled is a result, too: the stage counts on one for
        every attempt that it started.
        """
        started = perf_counter()
        with metrics.IN_FLIGHT.track_inprogress():
            try:
                result = await self._attempt(task)
            except asyncio.CancelledError:
                result = Result(milliseconds=_since(started), failure=Failure.INTERRUPTED)
            except Exception:
                log.exception("attempt_broken", delivery=task.id)
                result = Result(milliseconds=_since(started), failure=Failure.INTERNAL)
        _tell(task, result)
        metrics.ATTEMPTS.labels(result.verdict, result.failure or _status_class(result)).inc()
        metrics.ATTEMPT_SECONDS.observe(perf_counter() - started)
        return result

    async def send(self, task: Attempt, endpoint: Endpoint) -> Result:
        """Send an attempt to this endpoint, whatever its state, and return what came of it."""
        connector = BY_TYPE[endpoint.type]
        try:
            request = connector.request(task, endpoint, int(time()))
        except UnsupportedError:
            return Result(milliseconds=0, failure=Failure.UNSUPPORTED)
        shown = structs.replace(request, shown_url=endpoint.url)
        result, _ = await self._exchange.send(shown, endpoint.timeout_seconds, endpoint.id)
        return result if result.failure is not None else connector.result(result)

    async def _attempt(self, task: Attempt) -> Result:
        try:
            endpoint = await self._endpoints.find(task.delivery.endpoint)
        except PyMongoError:
            return _UNAVAILABLE
        if endpoint is None:
            return Result(milliseconds=0, failure=Failure.ENDPOINT_REMOVED)
        if not endpoint.enabled:
            return Result(milliseconds=0, failure=Failure.ENDPOINT_DISABLED)
        if not endpoint.is_verified:
            return Result(milliseconds=0, failure=Failure.ENDPOINT_UNVERIFIED)
        wait = self._pacer.wait(endpoint.id, rate_of(endpoint), monotonic())
        if wait > 0:
            await asyncio.sleep(wait)
        return await self.send(task, endpoint)


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


def _since(started: float) -> int:
    return round((perf_counter() - started) * 1000)


def _status_class(result: Result) -> str:
    return f"{result.status // 100}xx"
