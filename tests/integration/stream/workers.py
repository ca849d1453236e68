"""Worker processes that tests start, kill and start again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from shared.settings import Settings


class Workers:
    """Processes that run a stage, each under a name of its own."""

    def __init__(self, settings: Settings, module: str) -> None:
        self._module = module
        self._environment = {
            **os.environ,
            "STEWARD_KAFKA": settings.kafka,
            "STEWARD_MONGO": settings.mongo.get_secret_value(),
            "STEWARD_DATABASE": settings.database,
            "STEWARD_NAMESPACE": settings.namespace,
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start a worker; the name makes it a static member of the group."""
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", self._module],
            env={**self._environment, "STEWARD_INSTANCE": name},
        )

    def end(self, name: str, how: signal.Signals) -> None:
        """End a worker with SIGKILL or SIGTERM and wait until it is gone."""
        process = self._running.pop(name)
        process.send_signal(how)
        process.wait(timeout=60)

    def end_all(self) -> None:
        """End every worker gracefully."""
        for name in list(self._running):
            self.end(name, signal.SIGTERM)


@contextmanager
def workers(settings: Settings, module: str) -> Iterator[Workers]:
    """Worker processes that are gone at the end, however the test goes."""
    pool = Workers(settings, module)
    try:
        yield pool
    finally:
        for name in list(pool._running):
            pool.end(name, signal.SIGKILL)
