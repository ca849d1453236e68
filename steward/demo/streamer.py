"""Plays the day: sends its events through Steward's webhook door, as a busy platform does."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgspec

from shared.events import BaseEvent
from shared.signing import signed_headers
from steward.cloudevents import CONTENT_TYPE, batch
from steward.demo.world import World

BATCH: Final = 100
CONNECTIONS: Final = 3
REPEAT_EVERY: Final = 30
"""Every so many batches of a connection one is sent twice, as after an answer that got lost."""
_GATHER_SECONDS: Final = 0.6
"""How long events wait for company before their batch goes out."""
_RETRIES: Final = 20
_LONGEST_WAIT: Final = 5.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=15)
_AGAIN: Final = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


class DoorClosedError(Exception):
    """Steward did not take a batch; the message says what it answered."""


@dataclass(frozen=True)
class Door:
    """Where events go in, and what opens it."""

    url: str
    key: str
    secret: str


@dataclass
class Progress:
    """How far the day has been told; `moment` is the time of the last event sent (ms)."""

    total: int
    moment: int
    sent: int = 0
    accepted: int = 0
    repeated: int = 0
    retries: int = 0
    recent: deque[BaseEvent] = field(default_factory=lambda: deque(maxlen=300))


class Streamer:
    """Sends events over several connections; a group keeps to one, so its order holds.

    Events go out at an even rate, whatever the hour: the day's clock runs
    through the night and takes its time in the evening.
    """

    def __init__(
        self, events: Sequence[BaseEvent], world: World, door: Door, seconds: float
    ) -> None:
        self._world = world
        self._door = door
        self._rate = len(events) / seconds
        self._lanes = _lanes(events)
        self.progress = Progress(total=len(events), moment=events[0].time)

    async def run(self) -> None:
        """Send everything. Raises `DoorClosedError`."""
        started = time.monotonic()
        connector = aiohttp.TCPConnector(limit=len(self._lanes))
        async with (
            aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session,
            asyncio.TaskGroup() as lanes,
        ):
            for lane in self._lanes:
                lanes.create_task(self._send_lane(session, lane, started))

    async def _send_lane(
        self, session: aiohttp.ClientSession, lane: Sequence[tuple[int, BaseEvent]], started: float
    ) -> None:
        position = batches = 0
        while position < len(lane):
            end = self._due(lane, position, started)
            if end == position:
                await asyncio.sleep(_GATHER_SECONDS / 4)
                continue
            events = [event for _, event in lane[position:end] if self._world.admit(event)]
            position = end
            if events:
                batches += 1
                await self._send(session, events, repeat=batches % REPEAT_EVERY == 0)

    def _due(self, lane: Sequence[tuple[int, BaseEvent]], position: int, started: float) -> int:
        """Return the end of the batch that begins at `position`; `position` when to wait."""
        now = time.monotonic() - started
        end = position
        while end < min(len(lane), position + BATCH) and lane[end][0] / self._rate <= now:
            end += 1
        full = end - position == BATCH or end == len(lane)
        waited = now - lane[position][0] / self._rate >= _GATHER_SECONDS
        return end if full or waited else position

    async def _send(
        self, session: aiohttp.ClientSession, events: Sequence[BaseEvent], *, repeat: bool
    ) -> None:
        body = batch(events)
        self.progress.sent += len(events)
        answer = await self._post(session, body)
        self.progress.accepted += answer["accepted"]
        self.progress.moment = max(self.progress.moment, events[-1].time)
        self.progress.recent.extend(events)
        if repeat:
            await self._post(session, body)
            self.progress.repeated += len(events)

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> dict[str, Any]:
        """Post until it is taken: the same events again, so none comes in twice."""
        for attempt in range(_RETRIES):
            try:
                async with session.post(
                    f"{self._door.url}/v1/events:batch", data=body, headers=self._headers(body)
                ) as response:
                    content = await response.read()
                    if response.status == HTTPStatus.ACCEPTED:
                        answer: dict[str, Any] = msgspec.json.decode(content)
                        return answer
                    if response.status not in _AGAIN:
                        raise DoorClosedError(f"{response.status}: {content[:500].decode()}")
                    wait = float(response.headers.get("Retry-After", 0))
            except (aiohttp.ClientConnectionError, TimeoutError):
                wait = 0.0
            self.progress.retries += 1
            await asyncio.sleep(min(_LONGEST_WAIT, max(wait, 0.25 * 2**attempt)))
        raise DoorClosedError(f"no answer after {_RETRIES} attempts")

    def _headers(self, body: bytes) -> dict[str, str]:
        """Sign this attempt: its id is new, what it carries keeps its own."""
        now = time.time_ns()
        signed = signed_headers([self._door.secret], f"msg_{now}", now // 1_000_000_000, body)
        return {
            "authorization": f"Bearer {self._door.key}",
            "content-type": CONTENT_TYPE,
            **signed,
        }


def _lanes(events: Iterable[BaseEvent]) -> list[list[tuple[int, BaseEvent]]]:
    """Share groups out over the connections, evenly; an event keeps its place in the day."""
    by_group: dict[str, list[tuple[int, BaseEvent]]] = {}
    for place, event in enumerate(events):
        by_group.setdefault(event.group, []).append((place, event))
    lanes: list[list[tuple[int, BaseEvent]]] = [[] for _ in range(CONNECTIONS)]
    for group in sorted(by_group.values(), key=len, reverse=True):
        min(lanes, key=len).extend(group)
    for lane in lanes:
        lane.sort(key=lambda placed: placed[0])
    return lanes
