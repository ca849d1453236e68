"""The services and the console as child processes, in any number of replicas."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from shared.settings import DEFAULT_PORTS
from steward.running import RunningService
from steward.stack.ports import LOOPBACK, choose, free_ports
from steward.stack.process import Child
from steward.stack.stack import Addresses
from steward.stack.wait import wait_until

READY_SECONDS: Final = 120
CONSOLE: Final = "console"
STATELESS: Final = ("ingest", CONSOLE)
"""Services that are no stage: one replica of them is enough on one machine."""


@dataclass(frozen=True)
class Replica:
    """One process of a service, and where it listens."""

    service: RunningService
    child: Child

    def is_ready(self) -> bool:
        """Whether it says that it is ready: it, not a stranger who took its port first."""
        port = urlsplit(self.service.url).port or 0
        return self.child.listens_on(port) and readiness(self.service.url) == "ready"


def plan(
    root: Path,
    addresses: Addresses,
    replicas: int,
    env: Mapping[str, str] | None = None,
    ports: Mapping[str, int] = DEFAULT_PORTS,
) -> list[Replica]:
    """Return the processes to start, each with a port and an instance name of its own.

    The first replica of a service takes the port that `ports` names when it is free.
    """
    taken: set[int] = set()
    planned: list[Replica] = []
    for name in DEFAULT_PORTS:
        for number in range(1, (1 if name in STATELESS else replicas) + 1):
            port = choose(ports[name], taken) if name in ports else free_ports(1)[0]
            taken.add(port)
            service = RunningService(name, number, f"http://{LOOPBACK}:{port}")
            variables = {**_variables(addresses, service, port), **(env or {})}
            if name == CONSOLE:
                variables |= _places(planned)
            command = [sys.executable, "-m", f"services.{name}"]
            planned.append(Replica(service, Child(service.process, command, root, variables)))
    return planned


def _variables(addresses: Addresses, service: RunningService, port: int) -> dict[str, str]:
    return {
        "STEWARD_KAFKA": addresses.kafka,
        "STEWARD_MONGO": addresses.mongo,
        "STEWARD_HOST": LOOPBACK,
        "STEWARD_PORT": str(port),
        "STEWARD_INSTANCE": service.process,
    }


def _places(planned: list[Replica]) -> dict[str, str]:
    """Return what tells the console where the first replica of each service is."""
    first = [replica.service for replica in planned if replica.service.replica == 1]
    return {f"STEWARD_CONSOLE_{one.name.upper()}_URL": one.url for one in first}


def wait_ready(replicas: list[Replica], seconds: float = READY_SECONDS) -> None:
    """Wait until every replica is ready, or raise `ProcessFailedError`."""
    for replica in replicas:
        wait_until(replica.is_ready, replica.child, seconds)


def stop(replicas: list[Replica], grace: float) -> None:
    """Let all replicas drain at once, and end those that have not after `grace` seconds."""
    deadline = time.monotonic() + grace
    for replica in replicas:
        replica.child.terminate()
    for replica in replicas:
        replica.child.stop(max(0, deadline - time.monotonic()))


def readiness(url: str) -> str:
    """Return `ready`, or in a few words why the service at the URL is not."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2):  # noqa: S310 # nosec B310
            return "ready"
    except urllib.error.HTTPError as error:
        return f"not ready ({error.code})"
    except OSError:
        return "no answer"
