"""A `steward up` as a process, for tests that need all of Steward."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from steward.running import Running, find, pid_file
from steward.stack.process import recorded_process

STEWARD = [sys.executable, "-m", "steward"]
START_SECONDS = 240


def eventually(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class Up:
    """A `steward up` over a data directory of the test's own."""

    def __init__(self, data: Path, replicas: int = 2, **env: str) -> None:
        self.data = data
        self.replicas = replicas
        self.output = data / "up.log"
        self.env = {**os.environ, "STEWARD_DATA": str(data), **env}

    def start(self) -> Running:
        with self.output.open("wb") as output:
            command = [*STEWARD, "up", "--replicas", str(self.replicas)]
            self.process = subprocess.Popen(
                command, env=self.env, stdout=output, stderr=output, start_new_session=True
            )
        started = eventually(lambda: self.ended or find(self.data) is not None, START_SECONDS)
        running = find(self.data)
        assert started, self.output.read_text()
        assert running is not None, self.output.read_text()
        return running

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*STEWARD, *arguments]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)

    def end(self) -> None:
        """End it, if it has not ended by itself."""
        if not self.ended:
            self.process.terminate()
            self.process.wait(60)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def children(self) -> list[psutil.Process]:
        pid_files = set((self.data / "run").glob("*.pid")) - {pid_file(self.data)}
        found = [recorded_process(path) for path in pid_files]
        return [process for process in found if process is not None]
