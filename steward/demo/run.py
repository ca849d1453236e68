"""Tells one day to a running Steward, and gathers what came of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import aiohttp

from shared.actions import ActionKind
from shared.cancelling import cancel
from shared.events import Millis
from shared.mongo import Database, connect
from shared.settings import Settings
from steward.demo import readings
from steward.demo.account import Account, RefusedError, Rest, open_account
from steward.demo.findings import compare
from steward.demo.gauges import Gauges, read_gauges
from steward.demo.ledger import counted_events
from steward.demo.receiver import Receiver
from steward.demo.story import Day, sample_day
from steward.demo.streamer import Door, Streamer
from steward.demo.telling import Figures, Told
from steward.demo.view import View
from steward.demo.watcher import Watcher
from steward.demo.world import World
from steward.running import Running

REFRESH_SECONDS: Final = 1.0
FRAME_SECONDS: Final = 0.2
ENDPOINT_SECONDS: Final = 2.0
"""How long it may take until actions are delivered to a new endpoint."""
CALM_SECONDS: Final = 4.0
"""Everything is done when nothing has moved for this long, and nothing waits."""
STUCK_SECONDS: Final = 45.0
"""Something is wrong when nothing has moved for this long, and something waits."""


@dataclass(frozen=True)
class Stage:
    """What a day is told to: the running parts, the tenant, and the platform's two sides."""

    running: Running
    database: Database
    session: aiohttp.ClientSession
    rest: Rest
    account: Account
    receiver: Receiver
    world: World


@asynccontextmanager
async def open_stage(settings: Settings, running: Running) -> AsyncIterator[Stage]:
    """Make a tenant of its own, and receive its webhooks until the end."""
    account = await open_account(settings)
    world = World()
    async with (
        connect(settings) as client,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session,
        Receiver(world) as receiver,
    ):
        rest = Rest(session, running, account.key)
        endpoint, secret = await rest.create_endpoint(receiver.url)
        receiver.trust(secret)
        await asyncio.sleep(ENDPOINT_SECONDS)
        database = client[settings.database]
        try:
            yield Stage(running, database, session, rest, account, receiver, world)
        finally:
            with suppress(aiohttp.ClientError, TimeoutError, RefusedError):
                await rest.remove_endpoint(endpoint)


class Run:
    """One telling of the day.

    `tend` is called now and then; it starts crashed services again and returns
    their names.
    """

    def __init__(
        self, stage: Stage, view: View, seconds: float, tend: Callable[[], list[str]]
    ) -> None:
        self._stage = stage
        self._view = view
        self._tend = tend
        now = Millis(time.time_ns() // 1_000_000)
        self.day: Day = sample_day(now, stage.account.tenant)
        self._seconds = seconds
        self._restarts: list[str] = []

    async def tell(self) -> Told:
        """Stream the day, wait until Steward is done with it, and gather what came of it.

        Raises:
            DoorClosedError: events were not taken.
            Exception: what `tend` raises.
        """
        try:
            return await self._tell()
        except ExceptionGroup as failures:
            raise _first_of(failures) from failures

    async def _tell(self) -> Told:
        stage = self._stage
        source_secret = await stage.rest.declare_source()
        await stage.rest.keep_events()
        door = Door(stage.running.url("ingest"), stage.account.key, source_secret)
        streamer = Streamer(self.day.events, stage.world, door, self._seconds)
        watcher = Watcher(stage.rest, self.day, streamer.progress, stage.receiver)
        before = await read_gauges(stage.session, stage.running)
        started = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            frames = tasks.create_task(self._show(watcher))
            refreshes = tasks.create_task(self._refresh(watcher))
            await streamer.run()
            took = time.monotonic() - started
            await self._settle(watcher)
            await cancel(frames, refreshes)
        await watcher.finish()
        return await self._gather(watcher, streamer, before, took)

    async def _show(self, watcher: Watcher) -> None:
        while True:
            self._view.show(watcher.board())
            await asyncio.sleep(FRAME_SECONDS)

    async def _refresh(self, watcher: Watcher) -> None:
        while True:
            await watcher.refresh()
            self._restarts += self._tend()
            await asyncio.sleep(REFRESH_SECONDS)

    async def _settle(self, watcher: Watcher) -> None:
        """Wait until nothing moves any more; not for ever when something is stuck."""
        last, moved = None, time.monotonic()
        while True:
            await asyncio.sleep(0.5)
            state = await self._state(watcher)
            if state is None:
                continue
            if state != last:
                last, moved = state, time.monotonic()
            waits = state[0] + state[1]
            watcher.note = f"the day is over; Steward has {waits:,} things left to do"
            patience = STUCK_SECONDS if waits else CALM_SECONDS
            if time.monotonic() - moved > patience:
                return

    async def _state(self, watcher: Watcher) -> tuple[int, ...] | None:
        """Return what is waiting (records, deliveries) and what is done; None if unknown."""
        with suppress(aiohttp.ClientError, TimeoutError):
            gauges = await read_gauges(self._stage.session, self._stage.running)
            delivered = (await readings.deliveries(self._stage.rest)).states
            counted = await counted_events(self._stage.database, self._stage.account.tenant)
            done = (counted, len(watcher.flags), delivered["succeeded"], delivered["dead"])
            return (gauges.lag, delivered["pending"], *done)
        return None

    async def _gather(
        self, watcher: Watcher, streamer: Streamer, before: Gauges, took: float
    ) -> Told:
        stage = self._stage
        groups = await readings.groups(stage.rest, self.day, self.day.end)
        leaders = await readings.leaders(stage.rest, self.day)
        alerts: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for action in stage.world.actions:
            if action.type is ActionKind.GROUP_ALERT:
                alerts[action.group][str(action.details.get("alert", ""))] = action.text
        return Told(
            day=self.day,
            figures=await self._figures(watcher, streamer, before, took),
            findings=compare(self.day, watcher.flags.values(), stage.world.refused),
            groups=tuple(groups),
            leaders=tuple(leaders),
            alerts=dict(alerts),
            welcomed=len(self.day.arrivals & self._welcomed()),
            answered=self._answered(),
        )

    def _welcomed(self) -> set[tuple[str, str]]:
        welcomes = ActionKind.MEMBER_WELCOME
        actions = self._stage.world.actions
        return {(each.group, each.member or "") for each in actions if each.type is welcomes}

    def _answered(self) -> int:
        replies = ActionKind.MESSAGE_REPLY
        actions = self._stage.world.actions
        answered = {each.message for each in actions if each.type is replies}
        return sum(asked.message in answered for asked in self.day.routine)

    async def _figures(
        self, watcher: Watcher, streamer: Streamer, before: Gauges, took: float
    ) -> Figures:
        stage, progress = self._stage, streamer.progress
        gauges = (await read_gauges(stage.session, stage.running)).since(before)
        delivered = await readings.deliveries(stage.rest)
        labels = Counter(label for flag in watcher.flags.values() for label in flag.labels)
        sent = [event for event in self.day.events if event.id not in stage.world.refused]
        return Figures(
            tenant=stage.account.tenant,
            seconds=round(took, 1),
            events_sent=progress.sent,
            events_accepted=progress.accepted,
            events_processed=await counted_events(stage.database, stage.account.tenant),
            events_refused=len(stage.world.refused),
            events_repeated=progress.repeated,
            duplicates_dropped=gauges.duplicates,
            dead_letters=gauges.dead_letters,
            flags=len(watcher.flags),
            flags_by_label={str(label): count for label, count in labels.most_common()},
            actions_by_kind=dict(stage.receiver.taken.most_common()),
            deliveries_ok=delivered.states["succeeded"],
            deliveries_failed=delivered.states["dead"],
            deliveries_pending=delivered.states["pending"],
            delivery_mean_ms=round(delivered.mean_ms, 1),
            webhooks_refused=stage.receiver.refused,
            webhooks_repeated=stage.receiver.repeated,
            groups=len({event.group for event in sent}),
            members=len({event.member for event in sent}),
            retries=progress.retries,
            restarts=self._restarts,
        )


def _first_of(failures: ExceptionGroup[Exception]) -> Exception:
    """Return what failed first among tasks that ended each other."""
    first: Exception = failures
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first
