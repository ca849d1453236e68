"""All of Steward as processes, behind proxies, with everything that can be done to it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import SecretStr

from shared.mongo import connect
from shared.settings import Settings
from shared.web.keys import ApiKeys
from steward import replicas
from steward.migrate import migrate
from steward.stack.kafka import Kafka
from steward.stack.mongo import Mongo
from steward.stack.ports import LOOPBACK, free_ports
from steward.stack.process import Child
from steward.stack.stack import Addresses
from tests.chaos.proxy import Proxy

TENANT: Final = "chaos"
REPLICAS: Final = 2
READY_SECONDS: Final = 600
"""Seven processes that start at once on a busy machine may take minutes."""
ENVIRONMENT: Final = {
    "STEWARD_NOTIFY_ALLOW_CIDRS": "127.0.0.0/8",
    "STEWARD_NOTIFY_SCHEDULE_SECONDS": "1,1,2,2,5,5,10,10,20,20",
    "STEWARD_LOG_LEVEL": "WARNING",
}


class System:
    """Kafka and mongod behind proxies, one ingest and two replicas of each other service.

    `environment` is what the services are told besides; `cache_gigabytes` mongod's cache.
    """

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str] = MappingProxyType({}),
        cache_gigabytes: float = 0.5,
    ) -> None:
        kafka, controller, mongo, kafka_proxy, mongo_proxy = free_ports(5)
        self.kafka = Kafka(root, kafka, controller, advertised=kafka_proxy)
        self.mongo = Mongo(root, mongo, cache_gigabytes)
        self.proxies = {"kafka": Proxy(kafka_proxy, kafka), "mongo": Proxy(mongo_proxy, mongo)}
        self._root = root
        self.addresses = Addresses(
            f"{LOOPBACK}:{kafka_proxy}",
            f"mongodb://{LOOPBACK}:{mongo_proxy}/?directConnection=true",
        )
        self.settings = Settings(
            kafka=self.addresses.kafka, mongo=SecretStr(self.addresses.mongo), partitions=6
        )
        planned = replicas.plan(
            root, self.addresses, REPLICAS + 1, {**ENVIRONMENT, **environment}, {}
        )
        self.services = [one for one in planned if one.service.replica <= REPLICAS]
        self.guests = [one for one in planned if one.service.replica > REPLICAS]
        """Replicas that join now and then."""

    async def start(self) -> None:
        for server in (self.kafka, self.mongo):
            server.prepare()
            server.start()
        for proxy in self.proxies.values():
            await proxy.start()
        for server in (self.kafka, self.mongo):
            await asyncio.to_thread(server.wait_ready)
        await migrate(self.settings)
        for replica in self.services:
            replica.child.start()
        await asyncio.to_thread(replicas.wait_ready, self.services, READY_SECONDS)

    async def stop(self) -> None:
        await asyncio.to_thread(replicas.stop, [*self.services, *self.guests], 15)
        await asyncio.to_thread(self.kafka.stop)
        await asyncio.to_thread(self.mongo.stop)
        for proxy in self.proxies.values():
            await proxy.stop()

    async def key(self) -> str:
        """Make the tenant's API key."""
        async with connect(self.settings) as client:
            key, _ = await ApiKeys(client[self.settings.database]).create(TENANT, "chaos")
        return key

    def url(self, service: str) -> str:
        return next(one.service.url for one in self.services if one.service.name == service)

    def processes(self) -> list[Child]:
        """Everything that can be killed."""
        return [self.kafka.child, self.mongo.child, *(one.child for one in self.services)]

    def revive(self) -> None:
        """Start again whatever has ended, as a supervisor would."""
        for child in self.processes():
            if not child.running:
                child.start()

    async def ready(self) -> None:
        """Wait until everything answers again."""
        self.revive()
        for proxy in self.proxies.values():
            proxy.mend()
        for server in (self.kafka, self.mongo):
            await asyncio.to_thread(server.wait_ready)
        await asyncio.to_thread(replicas.wait_ready, self.services, READY_SECONDS)


def pause(child: Child) -> None:
    """Stop a process where it stands, without its knowing."""
    _signal(child, signal.SIGSTOP)


def resume(child: Child) -> None:
    _signal(child, signal.SIGCONT)


def _signal(child: Child, number: signal.Signals) -> None:
    if child.pid is not None and child.running:
        os.killpg(child.pid, number)
