"""Watches a run through Steward's REST interface and keeps the board up to date."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterable
from itertools import islice
from typing import Final

import aiohttp

from shared.events import BaseEvent, MessagePosted, Millis
from shared.verdicts import Flag
from steward.demo import readings
from steward.demo.account import RefusedError, Rest
from steward.demo.board import Board, ComingIn, Flagged, clock, visible
from steward.demo.findings import because
from steward.demo.receiver import Receiver
from steward.demo.story import Day
from steward.demo.streamer import Progress

_RATE_SECONDS: Final = 4.0
_SHOWN: Final = 12
_TALKING: Final = 4
"""A message is shown when it has more characters than this."""


class Watcher:
    """Gathers what the board shows: from the platform itself, and from Steward's REST.

    `flags` are in the order in which they became known; `note` is told with the board.
    """

    def __init__(self, rest: Rest, day: Day, progress: Progress, receiver: Receiver) -> None:
        self._rest = rest
        self._day = day
        self._progress = progress
        self._receiver = receiver
        self._sent: deque[tuple[float, int]] = deque()
        self.flags: dict[str, Flag] = {}
        self.note = ""
        self._board = Board(total=progress.total)

    async def refresh(self) -> None:
        """Ask Steward how things are; while a service does not answer, keep what was known."""
        try:
            flags, groups, leaders, deliveries = await asyncio.gather(
                readings.new_flags(self._rest, self.flags),
                readings.groups(self._rest, self._day, Millis(self._progress.moment)),
                readings.leaders(self._rest, self._day),
                readings.deliveries(self._rest),
            )
        except (aiohttp.ClientError, TimeoutError, RefusedError) as error:
            self._board.note = f"a service does not answer ({type(error).__name__})"
            return
        self._board.note = self.note
        self.flags |= dict(sorted(flags.items(), key=lambda known: known[1].event.time))
        self._board.groups = groups
        self._board.leaders = leaders
        self._board.deliveries = deliveries.states

    async def finish(self) -> None:
        """Read everything once more, late flags of early events too."""
        self.flags |= await readings.new_flags(self._rest, ())
        await self.refresh()

    def board(self) -> Board:
        """Return the board as it is now."""
        board, progress = self._board, self._progress
        board.clock = clock(self._day.clock(Millis(progress.moment)))
        board.sent = progress.sent
        board.rate = self._rate()
        board.webhooks = Counter(self._receiver.taken)
        board.flagged = len(self.flags)
        board.coming_in = [self._coming_in(event) for event in self._latest_messages()]
        latest = islice(reversed(self.flags.values()), _SHOWN)
        board.flags = [self._flagged(flag) for flag in latest]
        return board

    def _rate(self) -> float:
        now = time.monotonic()
        self._sent.append((now, self._progress.sent))
        while now - self._sent[0][0] > _RATE_SECONDS:
            self._sent.popleft()
        since, sent = self._sent[0]
        return (self._progress.sent - sent) / (now - since) if now > since else 0.0

    def _latest_messages(self) -> Iterable[BaseEvent]:
        """Return what was said last in each group, latest first."""
        recent = (e for e in self._progress.recent if isinstance(e, MessagePosted))
        by_group = {event.group: event for event in recent if len(event.text) > _TALKING}
        return sorted(by_group.values(), key=lambda event: event.time, reverse=True)

    def _coming_in(self, event: BaseEvent) -> ComingIn:
        return ComingIn(*self._heading(event), _what(event))

    def _flagged(self, flag: Flag) -> Flagged:
        return Flagged(
            *self._heading(flag.event),
            what=_what(flag.event),
            labels=flag.labels,
            because=because(flag),
            decision=flag.decision,
        )

    def _heading(self, event: BaseEvent) -> tuple[str, str, str]:
        group = self._day.communities[event.group].plan.name
        return clock(self._day.clock(event.time)), group, self._day.people[event.member].name


def _what(event: BaseEvent) -> str:
    return visible(getattr(event, "text", "")) or event.type
