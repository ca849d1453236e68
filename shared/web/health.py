"""Whether a service is alive, and whether it can take requests now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Final, Protocol

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pymongo.errors import PyMongoError
from starlette.requests import Request
from starlette.responses import Response

from shared.mongo import Database

PING_SECONDS: Final = 1.0
"""How old the last answer of MongoDB may be."""
PING_TIMEOUT_SECONDS: Final = 2.0


class Component(Protocol):
    """Something a service starts and stops with itself."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def problems(self) -> list[str]:
        """Say why it is not ready; an empty list: it is."""

    def stuck(self) -> list[str]:
        """Say why it must be restarted; an empty list: it is alive."""


class Background:
    """A component without which requests can be taken: it never makes the service unready."""

    def __init__(self, component: Component) -> None:
        self._component = component

    async def start(self) -> None:
        await self._component.start()

    async def stop(self) -> None:
        await self._component.stop()

    def problems(self) -> list[str]:
        return []

    def stuck(self) -> list[str]:
        return self._component.stuck()


class MongoPing:
    """Asks MongoDB whether it is there, about once a second however often it is asked itself."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking = asyncio.Lock()
        self._asked_at = -PING_SECONDS
        self._problems: list[str] = []

    async def problems(self) -> list[str]:
        async with self._asking:
            if monotonic() - self._asked_at >= PING_SECONDS:
                self._problems = await self._ask()
                self._asked_at = monotonic()
        return self._problems

    async def _ask(self) -> list[str]:
        try:
            async with asyncio.timeout(PING_TIMEOUT_SECONDS):
                await self._database.command("ping")
        except (PyMongoError, TimeoutError) as error:
            return [f"MongoDB does not answer ({type(error).__name__})"]
        return []


class Health:
    """The endpoints that an orchestrator and Prometheus ask. `ping` is None without a database."""

    def __init__(
        self,
        components: Sequence[Component],
        ping: MongoPing | None,
        draining: Callable[[], bool],
    ) -> None:
        self._components = components
        self._ping = ping
        self._draining = draining

    async def alive(self, _: Request) -> Response:
        """Liveness: 503 means that only a restart helps."""
        stuck = [reason for component in self._components for reason in component.stuck()]
        return _state("alive" if not stuck else "stuck", stuck)

    async def ready(self, _: Request) -> Response:
        """Readiness: 503 means that requests should go elsewhere for now."""
        problems = [reason for component in self._components for reason in component.problems()]
        problems += [] if self._ping is None else await self._ping.problems()
        if self._draining():
            problems.append("shutting down")
        return _state("ready" if not problems else "not ready", problems)

    async def metrics(self, _: Request) -> Response:
        """Everything this process counts, in Prometheus' text format."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _state(state: str, problems: list[str]) -> Response:
    body: dict[str, Any] = {"status": state, "problems": problems}
    return Response(
        msgspec.json.encode(body),
        status_code=503 if problems else 200,
        media_type="application/json",
    )
