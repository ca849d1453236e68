"""Statistics of deliveries are true, and bounded however many there are."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo import AsyncMongoClient

from services.notify.statistics import store
from services.notify.statistics.store import Opened, StatisticsStore
from shared.events import EndpointId, Millis, TenantId
from shared.mongo import connect
from shared.settings import Settings

ACME, EP = TenantId("acme"), EndpointId("ep_1")
HOUR = 3_600_000


def delivery(number: int, state: str, **fields: Any) -> dict[str, Any]:
    done = state in ("succeeded", "dead")
    return {
        "_id": f"d{number}",
        "tenant": ACME,
        "endpoint": EP,
        "state": state,
        "made": 2,
        "created_at": HOUR + number,
        "finished_at": HOUR + number + 10 * number if done else None,
        "due_at": None if done else 2 * HOUR,
        **fields,
    }


@pytest.fixture
async def mongo(settings: Settings) -> Any:
    async with connect(settings) as client:
        database = client[settings.database]
        await database["deliveries"].insert_many(
            [delivery(number, "succeeded") for number in range(10)]
            + [delivery(10, "pending"), delivery(11, "held"), delivery(12, "dead")]
            + [delivery(13, "pending", tenant="other", endpoint="ep_2", created_at=5)]
        )
        yield client


async def test_an_endpoints_figures_are_of_its_deliveries_since_a_moment(
    settings: Settings, mongo: AsyncMongoClient[Any]
) -> None:
    told = await StatisticsStore(mongo[settings.database]).of_endpoint(ACME, EP, Millis(HOUR + 5))
    assert told.states == {"succeeded": 5, "pending": 1, "held": 1, "dead": 1}
    assert (told.since, told.attempts, told.oldest) == (HOUR + 5, 16, HOUR + 10)
    assert sorted(told.times) == [50, 60, 70, 80, 90]


async def test_no_more_than_the_latest_are_counted_and_the_answer_says_from_when(
    settings: Settings, mongo: AsyncMongoClient[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_COUNTED_OF_ENDPOINT", 4)
    monkeypatch.setattr(store, "MOST_COUNTED_OF_TENANT", 4)
    statistics = StatisticsStore(mongo[settings.database])
    told = await statistics.of_endpoint(ACME, EP, Millis(0))
    assert told.states == {"succeeded": 1, "pending": 1, "held": 1, "dead": 1}
    assert told.since == HOUR + 9
    since, found = await statistics.of_tenant(ACME, Millis(0))
    assert since == HOUR + 9
    assert {each["_id"]["state"]: each["deliveries"] for each in found} == told.states


async def test_the_oldest_delivery_is_found_for_every_endpoint_with_any(
    settings: Settings, mongo: AsyncMongoClient[Any]
) -> None:
    statistics = StatisticsStore(mongo[settings.database])
    assert sorted(await statistics.oldest_pending(10)) == [5, HOUR + 10]
    assert len(await statistics.oldest_pending(1)) == 1


async def test_breakers_that_are_not_closed_are_counted(
    settings: Settings, mongo: AsyncMongoClient[Any]
) -> None:
    states = [
        {"_id": "ep_1", "openings": 0, "open_until": 0, "disabled_at": None},
        {"_id": "ep_2", "openings": 1, "open_until": 900, "disabled_at": None},
        {"_id": "ep_3", "openings": 3, "open_until": 1_100, "disabled_at": None},
        {"_id": "ep_4", "openings": 2, "open_until": 1_100, "disabled_at": 7},
    ]
    await mongo[settings.database]["endpoint_states"].insert_many(states)
    statistics = StatisticsStore(mongo[settings.database])
    assert await statistics.opened(Millis(1_000)) == Opened(open=1, half_open=1)
    assert await statistics.disabled(10) == {"ep_4": 7}
