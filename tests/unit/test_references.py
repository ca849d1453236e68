"""What is kept in memory of MongoDB: whole after a look that failed, and read once for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from services.notify.directory import Directory
from services.rules.review.standing import StandingReference
from services.scoring.points.in_force import TermsInForce
from services.scoring.points.terms import Terms
from services.scoring.segments.definitions import Definitions
from services.scoring.segments.tenants import KnownTenants
from shared.events import EndpointId, TenantId
from shared.stream import refreshed
from shared.stream.refreshed import Refreshed, Renewed
from tests.unit.notify.builders import endpoint

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
AN_HOUR_AGO = NOW.replace(hour=8)


class Failing:
    """A collection whose cursor breaks off once, after what changed last."""

    zone = "Asia/Shanghai"

    def __init__(self, changed: list[tuple[Any, Any]]) -> None:
        self._changed = changed
        self._fails = True

    async def changed_since(self, moment: Any) -> AsyncIterator[Any]:
        for at, each in self._changed:
            if moment is None or at >= moment:
                yield each
            if self._fails:
                self._fails = False
                raise AutoReconnect("the primary stepped down")


def directory() -> tuple[Directory, Callable[[Directory], bool]]:
    ends = [(at, EndpointId(name), endpoint(name)) for at, name in ((NOW, "a"), (AN_HOUR_AGO, "b"))]
    store: Any = Failing([(each[0], each) for each in ends])
    return Directory(store), lambda known: set(known.subscriptions.by_id) == {"a", "b"}


def _moments() -> list[tuple[int, TenantId]]:
    moments = ((NOW, "late"), (AN_HOUR_AGO, "early"))
    return [(int(at.timestamp() * 1000), TenantId(name)) for at, name in moments]


def terms() -> tuple[TermsInForce, Callable[[TermsInForce], bool]]:
    store: Any = Failing(
        [(at, Terms(tenant=name, changed_at=at, levels=[7])) for at, name in _moments()]
    )
    return TermsInForce(store), lambda known: all(
        known.of(name).levels == [7] for _, name in _moments()
    )


def tenants() -> tuple[KnownTenants, Callable[[KnownTenants], bool]]:
    store: Any = Failing(
        [(at, Definitions(tenant=name, changed_at=at, silent_days=7)) for at, name in _moments()]
    )
    return KnownTenants(store), lambda known: all(
        known.of(name).definitions.silent_days == 7 for _, name in _moments()
    )


@pytest.mark.parametrize("made", [directory, terms, tenants])
async def test_a_look_that_broke_off_is_made_up_for_by_the_next(
    made: Callable[[], tuple[Any, Callable[[Any], bool]]],
) -> None:
    reference, is_whole = made()
    with pytest.raises(AutoReconnect):
        await reference.refresh()
    await reference.refresh()
    assert is_whole(reference)


class Slow:
    """A collection that is read for longer than a look is fresh."""

    looks = 0

    async def read(self) -> None:
        self.looks += 1
        await asyncio.sleep(0.6)

    async def trusted(self) -> set[str]:
        await self.read()
        return set()

    async def overturned(self, _: int) -> set[str]:
        return set()


@pytest.mark.parametrize(
    "made",
    [lambda slow: Renewed(slow.read), lambda slow: Refreshed("all", slow.read), StandingReference],
)
async def test_whoever_asks_during_a_slow_look_goes_by_it(
    monkeypatch: pytest.MonkeyPatch, made: Callable[[Any], Any]
) -> None:
    monkeypatch.setattr(refreshed, "REFRESH_SECONDS", 0.5)
    slow = Slow()
    reference = made(slow)
    await asyncio.gather(*(reference.refresh() for _ in range(20)))
    assert slow.looks == 1
    await reference.refresh()
    assert slow.looks == 2, "what is asked for later is not known from a look of before"
