"""The runtime on a real Kafka and a real mongod."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from shared.mongo import Client, Database
from shared.settings import Settings
from shared.stream import Runtime, Stage
from shared.stream.dead_letter_box import DeadLetterBox
from shared.topics import Topic
from tests.integration.stream.counting import counting_stage
from tests.integration.stream.stages import errand_stage, reminding_stage
from tests.integration.stream.traffic import (
    by_group,
    counts,
    messages,
    producing,
    publish,
    read_all,
    total_is,
    until,
)


@asynccontextmanager
async def running(
    settings: Settings, client: Client, stage: Stage | None = None
) -> AsyncIterator[Runtime]:
    runtime = Runtime(stage or counting_stage(), settings, client)
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


async def test_every_record_is_folded_once_and_answered_once(
    settings: Settings, client: Client, database: Database
) -> None:
    events = messages(3000)
    async with running(settings, client) as runtime:
        await publish(settings, events)
        await until(lambda: total_is(database, 3000))
        assert runtime.problems() == []
    found = await counts(database)
    assert {id: raw["messages"] for id, raw in found.items()} == by_group(events)
    assert len(await read_all(settings, Topic.ACTIONS)) == 3000


async def test_repeated_ids_are_dropped_even_after_a_restart(
    settings: Settings, client: Client, database: Database
) -> None:
    events = messages(500)
    async with running(settings, client):
        await publish(settings, events + events[:100])
        await until(lambda: total_is(database, 500))
    async with running(settings, client):
        await publish(settings, [*events, *messages(600)[500:]])
        await until(lambda: total_is(database, 600))
    assert len(await read_all(settings, Topic.ACTIONS)) == 600


async def test_the_partition_goes_on_past_poison_and_replay_folds_it_once(
    settings: Settings, client: Client, database: Database
) -> None:
    events = messages(60)
    poison = [replace(event, text="poison") for event in events[20:23]]
    async with running(settings, client):
        await publish(settings, [*events[:20], *poison, *events[23:]])
        await until(lambda: total_is(database, 57))
    box = DeadLetterBox(settings)
    letters = [letter async for letter in box.letters()]
    assert [letter.told("reason") for letter in letters] == ["ValueError: this text is poison"] * 3
    async with running(settings, client):
        await box.put_back(letters)
        await until(lambda: dead_letter_count(box, 6))
        assert await total_is(database, 57) is True


async def test_the_partition_goes_on_past_what_mongodb_cannot_store(
    settings: Settings, client: Client, database: Database
) -> None:
    events = messages(60)
    huge = [replace(event, text="huge") for event in events[20:22]]
    async with running(settings, client) as runtime:
        await publish(settings, [*events[:20], *huge, *events[22:]])
        await until(lambda: total_is(database, 58))
        await until(lambda: has_no_problems(runtime))
    box = DeadLetterBox(settings)
    reasons = [letter.told("reason") async for letter in box.letters()]
    assert [reason.partition(":")[0] for reason in reasons] == ["OverflowError"] * 2


async def has_no_problems(runtime: Runtime) -> bool | list[str]:
    """Return whether the stage can do its work."""
    return runtime.problems() or True


async def dead_letter_count(box: DeadLetterBox, expected: int) -> bool | int:
    """Return whether so many letters are in the box: a replay that fails again is one more."""
    count = len([letter async for letter in box.letters()])
    return True if count == expected else count


async def test_a_stage_at_leisure_writes_more_seldom(
    settings: Settings, client: Client, database: Database
) -> None:
    quick = settings.model_copy(update={"flush_seconds": 0.1})
    stage = dataclasses.replace(counting_stage(), leisure=20)
    async with running(quick, client, stage):
        await publish(settings, messages(1))
        await until(lambda: total_is(database, 1))
        written = time.monotonic()
        await publish(settings, messages(3)[1:])
        await until(lambda: total_is(database, 3))
    # Whoever sees a write is up to a look late; two flushes of 0.1 s would be earlier by far.
    assert time.monotonic() - written > 1.2


async def test_bytes_that_are_no_record_go_to_the_dead_letters(
    settings: Settings, client: Client, database: Database
) -> None:
    async with producing(settings) as producer:
        for junk in (b"{", b"\xff\xfe", b'{"type":"unknown"}', None):
            await producer.send_and_wait(settings.topic(Topic.EVENTS), junk, key=b"t/g1")
    async with running(settings, client):
        await publish(settings, messages(10))
        await until(lambda: total_is(database, 10))
        await until(lambda: dead_letter_count(DeadLetterBox(settings), 4))


async def test_timers_go_off_in_the_time_of_the_records(
    settings: Settings, client: Client, database: Database
) -> None:
    patient = settings.model_copy(update={"idle_seconds": 600.0, "sweep_seconds": 0.2})
    async with running(patient, client, reminding_stage()):
        await publish(settings, messages(200, groups=8))
        await until(lambda: reminders_are(database, 8))
        await asyncio.sleep(1.5)
        assert await rung(database) == {}, "nobody has been silent for an hour of event time"
        await publish(settings, messages(3_900, groups=1)[3_700:])
        one_of_the_partition = await first_group_of_busy_partition(database)
        await until(lambda: has_rung(database, one_of_the_partition))
    late = await database["test_reminders"].count_documents({"rung": {"$gt": 1}})
    assert late == 0


async def reminders_are(database: Database, expected: int) -> bool | int:
    """Return whether there are so many reminders."""
    count = await database["test_reminders"].count_documents({})
    return True if count == expected else count


async def rung(database: Database) -> dict[str, int]:
    """Return how often each group's reminder has rung, if it has."""
    return {
        raw["_id"]: raw["rung"]
        async for raw in database["test_reminders"].find({"rung": {"$gt": 0}})
    }


async def has_rung(database: Database, ids: list[str]) -> bool | dict[str, int]:
    """Return whether exactly these reminders have rung, once each."""
    found = await rung(database)
    return True if found == dict.fromkeys(ids, 1) else found


async def first_group_of_busy_partition(database: Database) -> list[str]:
    """Return the other groups that share the partition of the group that went on."""
    busy = await database["test_reminders"].find_one({"_id": "t/g0"})
    assert busy is not None
    query = {"partition": busy["partition"], "_id": {"$ne": "t/g0"}}
    return sorted([raw["_id"] async for raw in database["test_reminders"].find(query)])


async def test_a_timer_that_fails_is_a_dead_letter_and_rings_no_storm(
    settings: Settings, client: Client, database: Database
) -> None:
    quick = settings.model_copy(update={"idle_seconds": 0.5, "sweep_seconds": 0.2})
    broken = [replace(event, group="broken") for event in messages(3)]
    await publish(settings, broken)  # before: a timer that goes off between them is set anew
    async with running(quick, client, reminding_stage()):
        await until(lambda: dead_letter_count(DeadLetterBox(settings), 1))
        await asyncio.sleep(1.5)
        assert await dead_letter_count(DeadLetterBox(settings), 1) is True


class Runner:
    """A performer that does not come back from its first errands."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        self.begun: list[str] = []

    async def perform(self, task: Any) -> Any:
        self.begun.append(task)
        if len(self.begun) <= self.lost:
            await asyncio.sleep(3600)
        return f"did {task}"


async def test_tasks_come_back_as_outcomes_and_lost_ones_are_done_again(
    settings: Settings, client: Client, database: Database
) -> None:
    runner = Runner(lost=2)
    async with running(settings, client, errand_stage(runner)) as runtime:
        await until(lambda: has_no_problems(runtime))  # leases run from when Kafka has a record
        await publish(settings, messages(20))
        await until(lambda: errands_done(database, 20))
    assert len(runner.begun) == 22
    assert await database["test_errands"].count_documents({"done": 1}) == 20


async def errands_done(database: Database, expected: int) -> bool | int:
    """Return whether so many errands are done."""
    count = await database["test_errands"].count_documents({"done": {"$gt": 0}})
    return True if count == expected else count


async def test_missing_topics_are_named(settings: Settings, client: Client) -> None:
    elsewhere = settings.model_copy(update={"namespace": "nowhere."})
    async with running(elsewhere, client) as runtime:
        await until(lambda: names_the_topic(runtime))


async def names_the_topic(runtime: Runtime) -> bool | list[str]:
    """Return whether readiness says what is missing and what to do."""
    problems = runtime.problems()
    return any("nowhere.events" in one and "steward migrate" in one for one in problems) or problems
