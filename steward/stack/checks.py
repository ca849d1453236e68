"""What the local stack needs of the machine, and the one command that gets what is missing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import psutil

from shared.settings import DEFAULT_PORTS, Settings
from steward.stack.jars import default_cache, locked_jars
from steward.stack.java import java
from steward.stack.libraries import (
    ProgramUnusableError,
    can_install,
    install_command,
    missing_library,
)
from steward.stack.mongo import mongod, takes_writes
from steward.stack.platform import OWN_SERVERS, UnsupportedPlatformError
from steward.stack.ports import is_free, is_open

GIB: Final = 2**30
OLDEST_PYTHON: Final = (3, 11)
LEAST_DISK: Final = 2 * GIB
LEAST_MEMORY: Final = 1 * GIB
PLENTY_OF_MEMORY: Final = 3 * GIB


class State(StrEnum):
    """What a check says."""

    GOOD = "good"
    NOTICE = "notice"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One thing that was checked: how it is, and what to do about it."""

    state: State
    says: str
    fix: str = ""

    @property
    def blocks(self) -> bool:
        """Whether nothing can start before this is put right."""
        return self.state is State.MISSING


def findings(data: Path, settings: Settings) -> list[Finding]:
    """Check everything that an installation in `data` needs of this machine."""
    found = [_python(), _disk(data), _memory()]
    if "kafka" in settings.model_fields_set:
        found.append(_given_kafka(settings.kafka))
    else:
        found.append(_kafka())
    if "mongo" in settings.model_fields_set:
        found.append(_given_mongo(settings.mongo.get_secret_value()))
    else:
        found.append(_mongod())
    return found


def busy_ports() -> Iterator[Finding]:
    """Yield a notice for each of the services' default ports that another program holds."""
    for name, port in DEFAULT_PORTS.items():
        if not is_free(port):
            says = f"Port {port} of {name} is in use; a free one will be chosen"
            yield Finding(State.NOTICE, says)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Finding(State.MISSING, f"Python {version} is too old", "make PYTHON=python3.11")
    return Finding(State.GOOD, f"Python {version}")


def _disk(data: Path) -> Finding:
    place = next(path for path in (data.resolve(), *data.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    says = f"Disk: {free / GIB:.1f} GiB free at {place}"
    if free < LEAST_DISK:
        return Finding(State.MISSING, says, "STEWARD_DATA=/a/bigger/disk steward up")
    return Finding(State.GOOD, says)


def _memory() -> Finding:
    available = psutil.virtual_memory().available
    says = f"Memory: {available / GIB:.1f} GiB available"
    if available < LEAST_MEMORY:
        return Finding(State.MISSING, says, "Close other programs: about 2 GiB are needed")
    if available < PLENTY_OF_MEMORY:
        return Finding(State.NOTICE, f"{says}; about 2 GiB will be used")
    return Finding(State.GOOD, says)


def _kafka() -> Finding:
    try:
        java()
    except UnsupportedPlatformError as error:
        return Finding(State.MISSING, f"Kafka: {error.reason}", OWN_SERVERS)
    jars, cache = locked_jars(), default_cache()
    there = sum(jar.path(cache).exists() for jar in jars)
    if there < len(jars):
        says = f"Kafka: {len(jars) - there} of {len(jars)} jars will be fetched (35 MB, once)"
        return Finding(State.NOTICE, says)
    return Finding(State.GOOD, f"Kafka: all {there} jars are in {cache}")


def _mongod() -> Finding:
    try:
        library = missing_library(mongod())
    except UnsupportedPlatformError as error:
        return Finding(State.MISSING, f"MongoDB: {error.reason}", OWN_SERVERS)
    except ProgramUnusableError as error:
        return Finding(State.MISSING, f"MongoDB: {error}", OWN_SERVERS)
    if library is None:
        return Finding(State.GOOD, "MongoDB: the bundled mongod runs")
    says = f"MongoDB: mongod needs {library}"
    if can_install(library):
        return Finding(State.NOTICE, f"{says}; `up` installs it", install_command(library))
    return Finding(State.MISSING, says, install_command(library))


def _given_kafka(servers: str) -> Finding:
    for server in servers.split(","):
        host, _, port = server.rpartition(":")
        if port.isdecimal() and is_open(host, int(port)):
            return Finding(State.GOOD, f"Kafka: {server} answers")
    fix = "Start it, or unset STEWARD_KAFKA to use the bundled one"
    return Finding(State.MISSING, f"Kafka: {servers} does not answer", fix)


def _given_mongo(uri: str) -> Finding:
    if takes_writes(uri):
        return Finding(State.GOOD, "MongoDB: the replica set in STEWARD_MONGO answers")
    fix = "Start it as a replica set, or unset STEWARD_MONGO to use the bundled one"
    return Finding(State.MISSING, "MongoDB: no replica set answers at STEWARD_MONGO", fix)
