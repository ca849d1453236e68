"""Kafka and MongoDB together: what Steward needs beneath it on one machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steward.stack.jars import Progress
from steward.stack.kafka import Kafka, Retention
from steward.stack.mongo import Mongo
from steward.stack.ports import choose, free_ports


@dataclass(frozen=True)
class Addresses:
    """Where the stack is: Kafka's bootstrap server and MongoDB's URI."""

    kafka: str
    mongo: str


class LocalStack:
    """A real Kafka and a real mongod that keep their data under one directory.

    Starting over existing data works, after a clean stop or a crash. A server
    that the user already runs takes the place of ours: it is neither started
    nor stopped.

    Args:
        root: directory of data, logs and pid files, such as `var`.
        kafka_port: wanted port of Kafka; another is chosen when it is in use, or when 0.
        mongo_port: likewise of mongod.
        kafka: bootstrap servers of a Kafka that already runs.
        mongo: URI of a MongoDB that already runs.
        retention: how long our Kafka keeps records.
    """

    def __init__(
        self,
        root: Path,
        *,
        kafka_port: int = 0,
        mongo_port: int = 0,
        kafka: str | None = None,
        mongo: str | None = None,
        retention: Retention | None = None,
    ) -> None:
        self._given_kafka = kafka
        self._given_mongo = mongo
        self._root = root.resolve()
        self._kafka_port = kafka_port
        self._mongo_port = mongo_port
        self._retention = retention
        self.kafka: Kafka | None = None
        self.mongo: Mongo | None = None

    def prepare(self, progress: Progress = lambda _have, _all: None) -> None:
        """Fetch and write what the servers need; `progress` counts Kafka's jars.

        Raises:
            JarUnavailableError, UnsupportedPlatformError, ProcessFailedError.
        """
        if self._given_kafka is None:
            controller = free_ports(1)[0]
            port = _port(self._kafka_port)
            self.kafka = Kafka(self._root, port, controller, retention=self._retention)
            self.kafka.prepare(progress)
        if self._given_mongo is None:
            self.mongo = Mongo(self._root, _port(self._mongo_port))
            self.mongo.prepare()

    def start(self) -> Addresses:
        """Start both, wait until both answer, and return where they are.

        Call it from the main thread: the servers end with the thread that
        started them. When one fails, the other is stopped.

        Raises:
            ProcessFailedError: one ended or was not ready in time.
        """
        if self.kafka is None and self.mongo is None:
            self.prepare()
        servers = self._servers()
        try:
            for server in servers:
                server.start()
            for server in servers:
                server.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self.addresses

    @property
    def addresses(self) -> Addresses:
        """Where the servers are; known after `prepare`."""
        kafka = self.kafka.address if self.kafka else self._given_kafka
        mongo = self.mongo.uri if self.mongo else self._given_mongo
        if kafka is None or mongo is None:
            raise RuntimeError("the stack is not prepared")
        return Addresses(kafka, mongo)

    def stop(self) -> None:
        """Stop both cleanly; their data stay."""
        servers = self._servers()
        for server in servers:
            server.child.terminate()
        for server in servers:
            server.stop()

    def kill_kafka(self) -> None:
        """End Kafka as a crash would."""
        self._own_kafka().kill()

    def start_kafka(self) -> None:
        """Start Kafka again on the same port and data, and wait until it answers."""
        self._own_kafka().start()
        self._own_kafka().wait_ready()

    def restart_kafka(self) -> None:
        """Crash Kafka and start it again on the same port and data."""
        self.kill_kafka()
        self.start_kafka()

    def kill_mongo(self) -> None:
        """End mongod as a crash would."""
        self._own_mongo().kill()

    def start_mongo(self) -> None:
        """Start mongod again on the same port and data, and wait until it takes writes."""
        self._own_mongo().start()
        self._own_mongo().wait_ready()

    def restart_mongo(self) -> None:
        """Crash mongod and start it again on the same port and data."""
        self.kill_mongo()
        self.start_mongo()

    def _servers(self) -> list[Kafka | Mongo]:
        return [server for server in (self.kafka, self.mongo) if server is not None]

    def _own_kafka(self) -> Kafka:
        if self.kafka is None:
            raise RuntimeError("Kafka was given, so it is not ours to stop")
        return self.kafka

    def _own_mongo(self) -> Mongo:
        if self.mongo is None:
            raise RuntimeError("MongoDB was given, so it is not ours to stop")
        return self.mongo


def _port(wanted: int | None) -> int:
    return free_ports(1)[0] if wanted is None else choose(wanted)
