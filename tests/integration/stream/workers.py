"""Worker processes that tests start, kill and start again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shared.settings import Settings

GUEST = "guest"
"""A worker that is no static member: the group rebalances when it joins and leaves."""


class Workers:
    """Processes that run a stage, each under a name of its own."""

    def __init__(self, settings: Settings, command: Sequence[str]) -> None:
        self._command = command
        self._environment = {
            **os.environ,
            "STEWARD_KAFKA": settings.kafka,
            "STEWARD_MONGO": settings.mongo.get_secret_value(),
            "STEWARD_DATABASE": settings.database,
            "STEWARD_NAMESPACE": settings.namespace,
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start a worker; its name makes it a static member of the group, but for `guest`."""
        instance = {} if name == GUEST else {"STEWARD_INSTANCE": name}
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", *self._command], env={**self._environment, **instance}
        )

    def toggle(self, name: str) -> None:
        """Have a worker join, or leave gracefully if it is there."""
        if name in self._running:
            self.end(name, signal.SIGTERM)
        else:
            self.start(name)

    def end(self, name: str, how: signal.Signals) -> None:
        """End a worker with SIGKILL or SIGTERM and wait until it is gone."""
        process = self._running.pop(name)
        process.send_signal(how)
        process.wait(timeout=60)

    def end_all(self) -> None:
        """End every worker gracefully."""
        self._end_each(signal.SIGTERM)

    def kill_all(self) -> None:
        """End every worker at once."""
        self._end_each(signal.SIGKILL)

    def _end_each(self, how: signal.Signals) -> None:
        for name in list(self._running):
            self.end(name, how)


@contextmanager
def workers(settings: Settings, *command: str) -> Iterator[Workers]:
    """Worker processes that are gone at the end, however the test goes."""
    pool = Workers(settings, command)
    try:
        yield pool
    finally:
        pool.kill_all()
