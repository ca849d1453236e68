"""What a partition publishes arrives in order, though producers fail on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from shared.settings import Settings
from shared.stream import publisher as module
from shared.stream.publisher import Outbox, Outgoing, Publisher


class Producer:
    """Stands for a producer whose broker is told what to do with each record."""

    def __init__(self, log: list[bytes]) -> None:
        self.log = log
        self.acks: list[tuple[bytes, asyncio.Future[object]]] = []
        self.most: int | None = None
        """How many records it takes before it dies; None: it lives on."""

    async def send(self, topic: str, value: bytes, **_: Any) -> asyncio.Future[object]:
        if len(self.acks) == self.most:
            raise KafkaError("the sender has died")
        self.acks.append((value, asyncio.get_running_loop().create_future()))
        return self.acks[-1][1]

    def take(self, count: int) -> None:
        for value, ack in self.acks[:count]:
            self.log.append(value)
            ack.set_result(None)
        del self.acks[:count]

    def fail(self) -> None:
        for _, ack in self.acks:
            ack.set_exception(ConnectionError("gone"))
        self.acks.clear()

    async def stop(self) -> None:
        self.fail()


class Producers(Publisher):
    """Makes such producers."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self.log: list[bytes] = []
        self.made: list[Producer] = []

    async def _start(self) -> Any:
        self.made.append(Producer(self.log))
        return self.made[-1]


def records(*values: bytes) -> list[Outgoing]:
    return [Outgoing("t", b"k", value) for value in values]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0)


async def test_what_follows_a_failed_record_waits_until_it_was_sent_again() -> None:
    publisher = Producers()
    outbox = Outbox(publisher)
    await outbox.send(records(b"1", b"2", b"3"))
    publisher.made[0].take(1)
    publisher.made[0].fail()
    await outbox.send(records(b"4"))
    publisher.made[1].take(3)
    await outbox.acknowledged(outbox.unacknowledged())
    assert publisher.log == [b"1", b"2", b"3", b"4"]


async def test_a_producer_that_another_partition_gave_up_ends_before_the_next_is_used() -> None:
    publisher = Producers()
    ours, theirs = Outbox(publisher), Outbox(publisher)
    await theirs.send(records(b"x"))
    await ours.send(records(b"1"))
    [(_, failing), _] = publisher.made[0].acks
    failing.set_exception(ConnectionError("gone"))
    publisher.made[0].acks.pop(0)
    await theirs.send(records(b"y"))
    following = asyncio.create_task(ours.send(records(b"2")))
    await asyncio.sleep(0)
    assert [value for value, _ in publisher.made[1].acks] == [b"x", b"y"]
    publisher.made[0].take(len(publisher.made[0].acks))
    await following
    publisher.made[1].take(9)
    await ours.acknowledged(ours.unacknowledged())
    assert sorted(publisher.log) == [b"1", b"2", b"x", b"y"]
    assert publisher.log.index(b"1") < publisher.log.index(b"2")


async def test_an_acknowledgement_covers_what_was_sent_before_it_was_asked_for() -> None:
    publisher = Producers()
    outbox = Outbox(publisher)
    await outbox.send(records(b"1"))
    before = outbox.unacknowledged()
    await outbox.send(records(b"2"))
    publisher.made[0].take(1)
    await asyncio.wait_for(outbox.acknowledged(before), 1)
    assert [one.record.value for one in outbox.unacknowledged()] == [b"2"]


async def test_a_producer_that_takes_nothing_any_more_is_given_up_and_order_is_kept() -> None:
    publisher = Producers()
    outbox = Outbox(publisher)
    await outbox.send(records(b"1"))
    publisher.made[0].most = 2
    await asyncio.wait_for(outbox.send(records(b"2", b"3", b"4")), 5)
    assert [value for value, _ in publisher.made[1].acks] == [b"1", b"2", b"3", b"4"]
    publisher.made[1].take(9)
    await outbox.acknowledged(outbox.unacknowledged())
    assert publisher.log == [b"1", b"2", b"3", b"4"]
