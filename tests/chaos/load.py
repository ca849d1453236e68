"""Clients that post events until each is accepted, and write down what they were told."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp

from bench.talk import lure, talk

GROUPS: Final = 12
MEMBERS: Final = 30
START_MS: Final = 1_790_000_000_000
RETRY_SECONDS: Final = 0.5


@dataclass
class Told:
    """What the platform was told: which events Steward has taken upon itself."""

    messages: dict[str, Counter[str]] = field(default_factory=dict)
    """Accepted messages that count, by group and member: of a lure, 0 must be left."""
    lures: dict[str, str] = field(default_factory=dict)
    """The group of each accepted message that must be deleted, by the message's id."""
    accepted: int = 0
    refused: int = 0

    def take(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            data = event["data"]
            self.accepted += 1
            wicked = data["message"].startswith("lure-")
            self.messages.setdefault(data["group"], Counter())[data["member"]] += not wicked
            if wicked:
                self.lures[data["message"]] = data["group"]


class Client:
    """Posts events one batch after the other; sends a batch again until it is accepted."""

    def __init__(self, number: int, url: str, key: str, told: Told, pause: float) -> None:
        self._random = random.Random(number)
        self._number, self._url, self._key = number, url, key
        self._told, self._pause = told, pause
        self._sent = 0

    async def run(self, session: aiohttp.ClientSession, ended: asyncio.Event) -> None:
        """Post until `ended`, and then until the last batch is in."""
        while not ended.is_set():
            events = [self._event() for _ in range(self._random.randint(1, 8))]
            while not await self._accepted(session, events):
                self._told.refused += 1
                await asyncio.sleep(RETRY_SECONDS)
            self._told.take(events)
            if self._random.random() < 0.05:  # the answer got lost: the client sends again
                await self._accepted(session, events)
            await asyncio.sleep(self._pause)

    async def _accepted(self, session: aiohttp.ClientSession, events: list[dict[str, Any]]) -> bool:
        headers = {
            "authorization": f"Bearer {self._key}",
            "content-type": "application/cloudevents-batch+json",
        }
        try:
            async with session.post(self._url, json=events, headers=headers) as answer:
                await answer.read()
                if answer.status not in (202, 429, 500, 503, 408):
                    raise AssertionError(f"{answer.status}: {await answer.text()}")
                return answer.status == 202
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _event(self) -> dict[str, Any]:
        self._sent += 1
        name = f"{self._number}-{self._sent}"
        wicked = self._random.random() < 0.03
        group = f"g{self._random.randrange(GROUPS)}"
        member = f"lurer-{name}" if wicked else f"m{self._random.randrange(MEMBERS)}"
        return {
            "specversion": "1.0",
            "id": name,
            "source": "chaos",
            "type": "message.posted",
            "time": _moment(START_MS + self._sent * 700),
            "data": {
                "group": group,
                "member": member,
                "message": f"{'lure' if wicked else 'talk'}-{name}",
                "text": lure(self._random, name) if wicked else talk(self._random),
            },
        }


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()
