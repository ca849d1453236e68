"""`steward up` and its companions, as a person uses them: the whole of Steward as processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from steward.replicas import readiness
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

    def __init__(self, data: Path) -> None:
        self.data = data
        self.output = data / "up.log"
        self.env = {**os.environ, "STEWARD_DATA": str(data)}

    def start(self) -> Running:
        with self.output.open("wb") as output:
            command = [*STEWARD, "up", "--replicas", "2"]
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

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def children(self) -> list[psutil.Process]:
        pid_files = set((self.data / "run").glob("*.pid")) - {pid_file(self.data)}
        found = [recorded_process(path) for path in pid_files]
        return [process for process in found if process is not None]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    steward = Up(tmp_path)
    yield steward
    if not steward.ended:
        steward.process.terminate()
        steward.process.wait(60)


@pytest.mark.timeout(600)
def test_up_runs_everything_revives_what_crashes_and_leaves_nothing_behind(up: Up) -> None:
    running = up.start()
    names = [service.process for service in running.services]
    assert names == [
        "ingest-1", "rules-1", "rules-2", "scoring-1", "scoring-2", "notify-1", "notify-2",
    ]  # fmt: skip
    assert [readiness(service.url) for service in running.services] == ["ready"] * 7
    status = up.command("status")
    assert status.returncode == 0, status.stdout + up.output.read_text()
    children = up.children()
    assert len(children) == 9

    crashed = recorded_process(up.data / "run" / "scoring-2.pid")
    assert crashed is not None
    crashed.kill()
    [url] = [service.url for service in running.services if service.process == "scoring-2"]
    assert eventually(lambda: "scoring-2 ended by itself" in up.output.read_text(), 30)
    assert eventually(lambda: readiness(url) == "ready", 60)

    assert up.command("up").returncode == 1, "a second one over the same data is refused"
    children = up.children()
    assert up.command("down").returncode == 0
    assert up.process.wait(60) == 0
    assert not any(process.is_running() for process in children)
    assert up.command("status").returncode == 1


@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties children to their parent")
def test_nothing_outlives_a_killed_up_and_the_next_one_starts_over_its_data(up: Up) -> None:
    up.start()
    children = up.children()
    up.process.send_signal(signal.SIGKILL)
    up.process.wait()
    assert eventually(lambda: not any(process.is_running() for process in children), 60)
    assert up.command("status").returncode == 1
    again = up.start()
    assert [readiness(service.url) for service in again.services] == ["ready"] * 7
