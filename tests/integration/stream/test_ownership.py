"""Who owns a partition, what a former owner can do, and what an owner tells of itself."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from shared.mongo import Client, Database, connect
from shared.settings import Settings
from shared.stream import Documents, Input, Output, PartitionStage, Runtime, commits
from shared.stream import partition as partition_module
from shared.stream import runtime as runtime_module
from shared.stream.checkpoints import Checkpoint, Checkpoints, Fenced
from shared.stream.inbox import HIGH_WATER
from shared.stream.runtime import MOST_RECORDS
from steward.migrate import migrate
from steward.stack import LocalStack
from tests.integration.conftest import settings_for
from tests.integration.stream.counting import COUNTS, Count, CountingPartition, counting_stage
from tests.integration.stream.stages import errand_stage
from tests.integration.stream.traffic import counts, messages, publish, total_is, until


async def test_a_former_owners_flush_fails_as_a_whole(
    settings: Settings, client: Client, database: Database
) -> None:
    zombie = Checkpoints(client, database, "s", "zombie")
    owner = Checkpoints(client, database, "s", "owner")
    before = await zombie.claim(3)
    await zombie.save(3, replace(before, offsets={"events": 5}), {(COUNTS, "a"): Count("t", 1)})
    taken_over = await owner.claim(3)
    assert taken_over.offsets == {"events": 5}
    assert not await zombie.still_owned(3, before.epoch)
    with pytest.raises(Fenced):
        await zombie.save(3, replace(before, offsets={"events": 9}), {(COUNTS, "a"): Count("t", 7)})
    assert (await counts(database))["a"]["messages"] == 1
    await owner.save(3, Checkpoint(taken_over.epoch, {"events": 6}), {(COUNTS, "a"): None})
    assert await counts(database) == {}


async def test_partitions_that_stay_keep_their_state_when_the_group_rebalances(
    settings: Settings, client: Client, database: Database
) -> None:
    opened: Counter[int] = Counter()

    def open_partition(number: int) -> PartitionStage:
        opened[number] += 1
        return CountingPartition()

    stage = replace(counting_stage(), open_partition=open_partition)
    first, second = Runtime(stage, settings, client), Runtime(counting_stage(), settings, client)
    await first.start()
    await publish(settings, messages(200))
    await until(lambda: total_is(database, 200))
    await second.start()
    await until(lambda: owns(first, 2))
    await publish(settings, messages(400)[200:])
    await until(lambda: total_is(database, 400))
    await second.stop()
    await until(lambda: owns(first, 4))
    await publish(settings, messages(600)[400:])
    await until(lambda: total_is(database, 600))
    await first.stop()
    assert sorted(opened.values()) == [1, 1, 2, 2]


async def owns(runtime: Runtime, expected: int) -> bool | int:
    """Return whether a runtime owns so many partitions and has nothing to complain of."""
    count = len(runtime._owned)
    return True if count == expected and not runtime.problems() else count


class SlowPartition(CountingPartition):
    """Takes a while for each record, as a stage that cannot keep up."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        time.sleep(0.0002)
        yield from super().apply(item, documents)


async def test_what_a_slow_stage_buffers_is_bounded_and_nothing_is_skipped(
    settings: Settings, client: Client, database: Database
) -> None:
    stage = replace(counting_stage(), open_partition=lambda _: SlowPartition())
    count = 3 * HIGH_WATER
    await publish(settings, messages(count, groups=1))
    runtime = Runtime(stage, settings, client)
    await runtime.start()
    most = 0
    while await total_is(database, count) is not True:
        sizes = [one.partition.inbox.size for one in runtime._owned.values()]
        most = max([most, *sizes])
        await asyncio.sleep(0.05)
    await runtime.stop()
    assert HIGH_WATER <= most <= HIGH_WATER + MOST_RECORDS


class Nowhere:
    """A performer that never comes back."""

    async def perform(self, task: Any) -> Any:
        await asyncio.sleep(3600)


async def test_a_stage_that_makes_no_progress_says_so(
    settings: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition_module, "STUCK_SECONDS", 1.0)
    await publish(settings, messages(1_800, groups=1))
    runtime = Runtime(errand_stage(Nowhere()), settings, client)
    await runtime.start()
    assert runtime.stuck() == []
    await until(lambda: says_stuck(runtime))
    await runtime.stop()


async def says_stuck(runtime: Runtime) -> bool:
    return any("makes no progress" in reason for reason in runtime.stuck())


@pytest.mark.timeout(240)
async def test_readiness_tells_which_server_is_away_and_comes_back_by_itself(
    own_stack: LocalStack,
) -> None:
    settings = settings_for(own_stack.addresses)
    await migrate(settings)
    async with connect(settings) as client:
        database = client[settings.database]
        runtime = Runtime(counting_stage(), settings, client)
        await runtime.start()
        await publish(settings, messages(100))
        await until(lambda: total_is(database, 100))

        await asyncio.to_thread(own_stack.kill_mongo)
        await publish(settings, messages(200)[100:])
        await until(lambda: complains_of(runtime, "MongoDB"))
        assert runtime.stuck() == []
        await asyncio.to_thread(own_stack.start_mongo)
        await until(lambda: total_is(database, 200))

        await asyncio.to_thread(own_stack.kill_kafka)
        await until(lambda: complains_of(runtime, "Kafka"))
        assert runtime.stuck() == []
        await asyncio.to_thread(own_stack.start_kafka)
        await publish(settings, messages(300)[200:])
        await until(lambda: total_is(database, 300))
        await until(lambda: is_content(runtime))
        await runtime.stop()


async def complains_of(runtime: Runtime, server: str) -> bool | list[str]:
    problems = runtime.problems()
    return any(server in problem for problem in problems) or problems


async def is_content(runtime: Runtime) -> bool | list[str]:
    problems = runtime.problems()
    return problems or True


async def test_a_consumer_that_kafka_answers_no_more_is_replaced(
    settings: Settings, client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "GIVE_UP_SECONDS", 1.0)
    monkeypatch.setattr(commits, "COMMIT_SECONDS", 0.5)
    monkeypatch.setattr(runtime_module, "REPORT_SECONDS", 0.5)
    runtime = Runtime(counting_stage(), settings, client)
    await runtime.start()
    try:
        await publish(settings, messages(100))
        await until(lambda: total_is(database, 100))
        dead: Any = runtime._consumer
        monkeypatch.setattr(dead, "commit", lambda _: asyncio.Event().wait())
        await until(lambda: asyncio.sleep(0, runtime._consumer not in (None, dead)))
        await publish(settings, messages(200)[100:])
        await until(lambda: total_is(database, 200))
        await until(lambda: asyncio.sleep(0, runtime.problems() == []))
    finally:
        await runtime.stop()
