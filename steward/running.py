"""What `steward up` wrote down about itself, so that other commands find it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import msgspec
from pydantic import SecretStr

from shared.settings import DEFAULT_PORTS, Settings
from steward.stack.process import recorded_process

DATA_VARIABLE: Final = "STEWARD_DATA"
"""Environment variable that names the directory of data, logs and pid files."""


_CREDENTIALS: Final = re.compile(r"//[^@/]*@")


class RunningService(msgspec.Struct, frozen=True):
    """One replica of a service: `name` is the service, `replica` counts from 1."""

    name: str
    replica: int
    url: str

    @property
    def process(self) -> str:
        """Name of the process, as its log and pid file are called."""
        return f"{self.name}-{self.replica}"


class Running(msgspec.Struct, frozen=True):
    """Where a running installation's parts are."""

    kafka: str
    mongo: str
    services: list[RunningService]

    @property
    def public_mongo(self) -> str:
        """MongoDB's URI without user name and password."""
        return _CREDENTIALS.sub("//", self.mongo)

    def url(self, service: str) -> str:
        """Return the base URL of a service's first replica.

        Raises:
            KeyError: there is no such service.
        """
        for running in self.services:
            if running.name == service:
                return running.url
        raise KeyError(service)


def data_directory() -> Path:
    """Return the directory of data, logs and pid files: `var` unless STEWARD_DATA says other."""
    return Path(os.environ.get(DATA_VARIABLE, "var"))


def pid_file(data: Path) -> Path:
    """Return the file that names the process which runs the installation."""
    return data / "run" / "up.pid"


def record(data: Path, running: Running) -> None:
    """Write down where the parts are; readable by the owner alone, as it may hold a password."""
    path = _record_file(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(running))


def forget(data: Path) -> None:
    """Remove what `record` wrote."""
    _record_file(data).unlink(missing_ok=True)


def find(data: Path | None = None) -> Running | None:
    """Return what runs now on this machine from the data directory, or None."""
    directory = data or data_directory()
    if recorded_process(pid_file(directory)) is None:
        return None
    try:
        return msgspec.json.decode(_record_file(directory).read_bytes(), type=Running)
    except (FileNotFoundError, msgspec.DecodeError):
        return None  # it is only starting


def current_settings() -> Settings:
    """Return the settings, with the addresses of the running installation where none are set."""
    settings = Settings()
    running = find()
    if running is None:
        return settings
    found = {"kafka": running.kafka, "mongo": SecretStr(running.mongo)}
    unset = {name: value for name, value in found.items() if name not in settings.model_fields_set}
    return settings.model_copy(update=unset)


def service_url(name: str) -> str:
    """Return where a service's REST interface is: of the running installation, or the default."""
    running = find()
    return running.url(name) if running else f"http://127.0.0.1:{DEFAULT_PORTS[name]}"


def _record_file(data: Path) -> Path:
    return data / "run" / "up.json"
