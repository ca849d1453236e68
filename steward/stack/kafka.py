"""One Kafka broker, its own controller (KRaft), as a child process."""

from __future__ import annotations

import base64
import socket
import struct
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from steward.stack.jars import Progress, default_cache, fetch, locked_jars
from steward.stack.java import java
from steward.stack.ports import LOOPBACK
from steward.stack.process import Child, ProcessFailedError
from steward.stack.wait import wait_until

START_SECONDS: Final = 90
"""Longest wait for the broker; recovering a big log after a crash takes a while."""

JVM_FLAGS: Final = (
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # starts in 2.7 s instead of 4.8, with half the CPU
    "-Djava.awt.headless=true",
    "-XX:+ExitOnOutOfMemoryError",
)

LOG4J: Final = """\
status = error
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = stdout
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""


@dataclass(frozen=True)
class Retention:
    """How long the broker keeps what is on the topics."""

    hours: int = 168
    segment_bytes: int = 64 * 1024 * 1024


class Kafka:
    """A broker that keeps its data under a directory, on ports that stay the same.

    Args:
        root: directory of data, logs and configuration.
        port: where clients connect.
        controller_port: where the broker talks to its controller.
        cache: directory of the jars; the user's cache when None.
        retention: how long records are kept.
        advertised: the port that clients are told to use, where a proxy stands in front.
    """

    def __init__(
        self,
        root: Path,
        port: int,
        controller_port: int,
        cache: Path | None = None,
        retention: Retention | None = None,
        advertised: int | None = None,
    ) -> None:
        self.port = port
        self._advertised = advertised
        self.child = Child("kafka", [], root)
        self._root = root
        self._controller_port = controller_port
        self._cache = cache or default_cache()
        self._retention = retention or Retention()
        self._config = root / "run" / "kafka.properties"
        self._log4j = root / "run" / "kafka-log4j2.properties"
        self._data = root / "kafka"

    @property
    def address(self) -> str:
        """Bootstrap server as clients name it."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self, progress: Progress = lambda _have, _all: None) -> None:
        """Fetch the jars, write the configuration, and format the data directory once.

        Raises:
            JarUnavailableError, UnsupportedPlatformError, ProcessFailedError.
        """
        class_path = fetch(self._cache, locked_jars(), progress)
        self._config.parent.mkdir(parents=True, exist_ok=True)
        self._config.write_text(self._properties())
        self._log4j.write_text(LOG4J)
        log4j = f"-Dlog4j2.configurationFile={self._log4j.as_uri()}"
        runtime = [java(), *JVM_FLAGS, log4j, "-cp", class_path]
        self.child.command = [*runtime, "kafka.Kafka", str(self._config)]
        if not (self._data / "meta.properties").exists():
            self._format(runtime)

    def start(self) -> None:
        """Start the broker without waiting; `prepare` must have been called."""
        self.child.start()

    def wait_ready(self) -> None:
        """Wait until the broker answers requests, or raise `ProcessFailedError`."""
        wait_until(lambda: answers(LOOPBACK, self.port), self.child, START_SECONDS)

    def stop(self) -> None:
        self.child.stop()

    def kill(self) -> None:
        """End the broker as a crash would, without a clean shutdown."""
        self.child.kill()

    def _format(self, runtime: list[str]) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        arguments = ["kafka.tools.StorageTool", "format", "-c", str(self._config)]
        self.child.log.parent.mkdir(parents=True, exist_ok=True)
        with self.child.log.open("ab") as log:
            # "=": a cluster id may begin with a dash
            done = subprocess.run(
                [*runtime, *arguments, f"--cluster-id={cluster}", "--ignore-formatted"],
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode != 0:
            raise ProcessFailedError("kafka", "could not format its data", self.child.log)

    def _properties(self) -> str:
        """Return the broker's configuration: one node, quick to start, loopback only."""
        values = {
            "node.id": 1,
            "process.roles": "broker,controller",
            "listeners": f"PLAINTEXT://{self.address},"
            f"CONTROLLER://{LOOPBACK}:{self._controller_port}",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": f"1@{LOOPBACK}:{self._controller_port}",
            "log.dirs": self._data,
            "auto.create.topics.enable": "false",
            "log.retention.hours": self._retention.hours,
            "log.segment.bytes": self._retention.segment_bytes,
            **ONE_NODE,
        }
        if self._advertised is not None:
            values["advertised.listeners"] = f"PLAINTEXT://{LOOPBACK}:{self._advertised}"
        return "".join(f"{name}={value}\n" for name, value in values.items())


ONE_NODE: Final = {
    "offsets.topic.num.partitions": 4,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.num.partitions": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    "broker.session.timeout.ms": 4000,
    "broker.heartbeat.interval.ms": 500,
    "num.network.threads": 2,
    "num.io.threads": 4,
    "background.threads": 2,
    "num.recovery.threads.per.data.dir": 2,
    "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
}
"""What differs from Kafka's defaults because there is one node, and it shares the machine."""


def answers(host: str, port: int, timeout: float = 2) -> bool:
    """Whether a Kafka broker replies to an ApiVersions request (key 18, version 0)."""
    client = b"steward"
    body = struct.pack(">hhih", 18, 0, 1, len(client)) + client
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            reply = connection.recv(8)
    except OSError:
        return False
    return len(reply) == 8 and reply[4:] == b"\0\0\0\1"
