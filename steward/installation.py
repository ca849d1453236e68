"""All of Steward on one machine: the stack, the migrations and the services, started in order."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

import psutil
from pydantic import SecretStr

from shared.settings import Settings
from steward import replicas, running
from steward.migrate import migrate
from steward.replicas import Replica
from steward.running import Running
from steward.stack.jars import JarUnavailableError
from steward.stack.libraries import ProgramUnusableError
from steward.stack.platform import UnsupportedPlatformError
from steward.stack.process import Child, ProcessFailedError, end_leftover, recorded_process
from steward.stack.stack import Addresses, LocalStack

KAFKA_PORT: Final = 9092
MONGO_PORT: Final = 27017
MOST_RESTARTS: Final = 5
"""How often a process that crashes is started again before the installation gives up."""


class AlreadyRunningError(Exception):
    """Another process runs an installation from the same data directory."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"Steward already runs here (process {pid}). End it: steward down")


FAILURES: Final = (
    AlreadyRunningError,
    JarUnavailableError,
    ProcessFailedError,
    ProgramUnusableError,
    UnsupportedPlatformError,
)
"""What can keep an installation from starting."""


class Report(Protocol):
    """Hears how far starting has come."""

    def step(self, what: str) -> None:
        """A step begins, such as `starting Kafka`."""

    def jars(self, have: int, wanted: int) -> None:
        """So many of Kafka's jars are there, of so many."""


class Installation:
    """Kafka, MongoDB and the services, as children of this process.

    Args:
        data: directory of data, logs and pid files; created when missing.
        settings: what the user set; servers named there are used instead of ours.
        replicas_each: how many processes of each stage service.
        env: variables for the services, over this process's own.
    """

    def __init__(
        self,
        data: Path,
        settings: Settings,
        replicas_each: int = 1,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._data = data.resolve()
        self._user = settings
        self._replicas_each = replicas_each
        self._env = dict(env or {})
        given = settings.model_fields_set
        self._stack = LocalStack(
            self._data,
            kafka_port=KAFKA_PORT,
            mongo_port=MONGO_PORT,
            kafka=settings.kafka if "kafka" in given else None,
            mongo=settings.mongo.get_secret_value() if "mongo" in given else None,
        )
        self._services: list[Replica] = []
        self._crashes: Counter[str] = Counter()
        self._claimed = False

    @property
    def addresses(self) -> Addresses:
        """Where Kafka and MongoDB are; known once started."""
        return self._stack.addresses

    @property
    def settings(self) -> Settings:
        """The user's settings with the addresses that are in use."""
        found = {"kafka": self.addresses.kafka, "mongo": SecretStr(self.addresses.mongo)}
        return self._user.model_copy(update=found)

    @property
    def running(self) -> Running:
        """Where everything is."""
        here = [replica.service for replica in self._services]
        return Running(self.addresses.kafka, self.addresses.mongo, here)

    def start(self, report: Report) -> Running:
        """Start everything, wait until it is ready, and return where it is.

        Call it from the main thread, outside of an event loop, and call `end`
        whether or not it raises.

        Raises:
            AlreadyRunningError: something else runs from the same directory.
            Exception: one of `FAILURES`; its message is for people to read.
        """
        self._claim_data()
        report.step("Fetching Kafka")
        self._stack.prepare(report.jars)
        report.step("Starting Kafka and MongoDB")
        self._stack.start()
        report.step("Making topics, collections and indexes")
        self._migrate()
        report.step("Starting the services")
        self._services = replicas.plan(self._data, self.addresses, self._replicas_each, self._env)
        for replica in self._services:
            replica.child.start()
        replicas.wait_ready(self._services)
        running.record(self._data, self.running)
        return self.running

    def revive(self) -> list[str]:
        """Start again what has ended by itself, and return the names of those processes.

        Raises:
            ProcessFailedError: one of them has crashed too often.
        """
        ended = [child for child in self._children() if not child.running]
        for child in ended:
            self._crashes[child.name] += 1
            if self._crashes[child.name] > MOST_RESTARTS:
                child.require_running()
            child.start()
        return [child.name for child in ended]

    def end(self) -> None:
        """Stop everything; asked to hurry by another interrupt, end it at once."""
        try:
            self.stop()
        except KeyboardInterrupt:
            self.kill()

    def stop(self) -> None:
        """Let the services drain, then stop Kafka and MongoDB; the data stay."""
        replicas.stop(self._services, self._user.grace_seconds + 5)
        self._stack.stop()
        self._release_data()

    def kill(self) -> None:
        """End everything at once."""
        for child in self._children():
            child.kill()
        self._release_data()

    def _children(self) -> list[Child]:
        servers = [server.child for server in (self._stack.kafka, self._stack.mongo) if server]
        return servers + [replica.child for replica in self._services]

    def _migrate(self) -> None:
        asyncio.run(migrate(self.settings))

    def _claim_data(self) -> None:
        path = running.pid_file(self._data)
        other = recorded_process(path)
        if other is not None and other.pid != os.getpid():
            raise AlreadyRunningError(other.pid)
        running.forget(self._data)  # what a killed process left; ours is written once all is ready
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{os.getpid()} {psutil.Process().create_time()}")
        self._claimed = True
        for leftover in set(path.parent.glob("*.pid")) - {path}:
            end_leftover(leftover)  # before ports are chosen: it may hold ours

    def _release_data(self) -> None:
        if not self._claimed:
            return
        running.forget(self._data)
        running.pid_file(self._data).unlink(missing_ok=True)
