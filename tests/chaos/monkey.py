"""Breaks things: kills, pauses, cuts, slows, adds and takes replicas."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

from tests.chaos.system import System, pause, resume

RESPITE_EVENTS: Final = 40
RESPITE_SECONDS: Final = 25.0

Fault = Callable[[], Awaitable[None]]
Tell = Callable[[str], None]


class Monkey:
    """Does harm to a system, one thing at a time, a kill at least every second time."""

    def __init__(self, system: System, seed: int, tell: Tell) -> None:
        self._system = system
        self._tell = tell
        self._random = random.Random(seed)
        self.done: Counter[str] = Counter()

    @property
    def kills(self) -> int:
        return sum(count for what, count in self.done.items() if what.startswith("kill "))

    async def rage(self, kills: int, pace: float, accepted: Callable[[], int]) -> None:
        """Go on until so many were killed; a `pace` of 2 leaves twice the time between.

        After half of the kills the system may get up again, until clients have had
        `RESPITE_EVENTS` more accepted: however slow the machine, there is load to lose.
        """
        between = 2 * pace, 5 * pace
        others: list[Fault] = [self._pause, self._cut, self._slow, self._guest]
        while self.kills < kills:
            await self._kill()
            await asyncio.sleep(self._random.uniform(*between))
            if self._random.random() < 0.4:
                await self._random.choice(others)()
                await asyncio.sleep(self._random.uniform(*between))
            self._system.revive()
            if self._random.random() < 0.5:
                await self._respite(accepted)

    async def _respite(self, accepted: Callable[[], int]) -> None:
        wanted, until = accepted() + RESPITE_EVENTS, monotonic() + RESPITE_SECONDS
        while accepted() < wanted and monotonic() < until:
            await asyncio.sleep(0.2)
            self._system.revive()

    def _done(self, what: str) -> None:
        self.done[what] += 1
        self._tell(f"{what}; kills: {self.kills}")

    async def _kill(self) -> None:
        alive = [child for child in self._system.processes() if child.running]
        child = self._random.choice(alive)
        child.kill()
        self._done(f"kill {child.name.split('-')[0]}")
        await asyncio.sleep(self._random.uniform(0, 2))
        child.start()

    async def _pause(self) -> None:
        child = self._random.choice([c for c in self._system.processes() if c.running])
        self._done("pause")
        pause(child)
        await asyncio.sleep(self._random.uniform(1, 5))
        resume(child)

    async def _cut(self) -> None:
        name, proxy = self._random.choice(list(self._system.proxies.items()))
        self._done(f"cut {name}")
        proxy.cut()
        await asyncio.sleep(self._random.uniform(0.5, 4))
        proxy.mend()

    async def _slow(self) -> None:
        name, proxy = self._random.choice(list(self._system.proxies.items()))
        self._done(f"slow {name}")
        proxy.slow(0.1)
        await asyncio.sleep(self._random.uniform(1, 4))
        proxy.mend()

    async def _guest(self) -> None:
        guest = self._random.choice(self._system.guests).child
        self._done("leave" if guest.running else "join")
        if guest.running:
            guest.terminate()
        else:
            guest.start()
