"""`steward up` and its companions, as a person uses them: the whole of Steward as processes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from steward.replicas import readiness
from steward.stack.process import recorded_process
from tests.e2e.up import Up, eventually


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    steward = Up(tmp_path)
    yield steward
    steward.end()


@pytest.mark.timeout(600)
def test_up_runs_everything_revives_what_crashes_and_leaves_nothing_behind(up: Up) -> None:
    running = up.start()
    names = [service.process for service in running.services]
    assert names == [
        "ingest-1", "rules-1", "rules-2", "scoring-1", "scoring-2", "notify-1", "notify-2",
        "console-1",
    ]  # fmt: skip
    urls = [service.url for service in running.services]
    assert eventually(lambda: [readiness(url) for url in urls] == ["ready"] * 8, 90)
    assert eventually(lambda: up.command("status").returncode == 0, 90), up.output.read_text()
    children = up.children()
    assert len(children) == 10

    crashed = recorded_process(up.data / "run" / "scoring-2.pid")
    assert crashed is not None
    crashed.kill()
    [url] = [service.url for service in running.services if service.process == "scoring-2"]
    assert eventually(lambda: "scoring-2 ended by itself" in up.output.read_text(), 90)
    assert eventually(lambda: readiness(url) == "ready", 120)

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
    assert [readiness(service.url) for service in again.services] == ["ready"] * 8
