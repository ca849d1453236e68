from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from steward.stack.process import Child, ProcessFailedError, end_leftover, recorded_process
from steward.stack.wait import wait_until

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
IGNORE = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
STUBBORN = [sys.executable, "-c", f"{IGNORE}; print('up', flush=True); time.sleep(60)"]


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_up(child: Child) -> bool:
    return child.log.exists() and "up" in child.log.read_text()


def started(name: str, command: list[str], root: Path) -> Child:
    child = Child(name, command, root)
    child.start()
    assert eventually(lambda: is_up(child))
    return child


def test_a_child_writes_its_log_and_its_pid(tmp_path: Path) -> None:
    child = started("sleeper", SLEEP, tmp_path)
    process = recorded_process(tmp_path / "run" / "sleeper.pid")
    assert process is not None
    assert process.pid == child.pid
    child.stop()
    assert not child.running
    assert recorded_process(tmp_path / "run" / "sleeper.pid") is None


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    child = started("stubborn", STUBBORN, tmp_path)
    begun = time.monotonic()
    child.stop(grace=0.3)
    assert not child.running
    assert time.monotonic() - begun >= 0.3


def test_stopping_ends_the_childs_own_children_too(tmp_path: Path) -> None:
    script = (
        f"import subprocess; p = subprocess.Popen({SLEEP!r}); print(p.pid, flush=True); p.wait()"
    )
    child = Child("parent", [sys.executable, "-c", script], tmp_path)
    child.start()
    assert eventually(lambda: is_up(child))
    grandchild = psutil.Process(int(child.log.read_text().split()[0]))
    child.stop()
    assert eventually(lambda: not grandchild.is_running())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties children to their parent")
def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; import time\n"
        "from steward.stack.process import Child\n"
        f"child = Child('orphan', {SLEEP!r}, Path({str(tmp_path)!r}))\n"
        "child.start(); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])
    pid_file = tmp_path / "run" / "orphan.pid"
    log = tmp_path / "log" / "orphan.log"
    assert eventually(lambda: log.exists() and "up" in log.read_text())
    assert recorded_process(pid_file) is not None
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert eventually(lambda: recorded_process(pid_file) is None)


def test_starting_ends_what_an_earlier_run_left(tmp_path: Path) -> None:
    first = started("twin", SLEEP, tmp_path)
    second = Child("twin", SLEEP, tmp_path)
    second.start()
    assert eventually(lambda: not first.running)
    assert second.running
    second.stop()


def test_a_pid_that_another_program_has_now_is_left_alone(tmp_path: Path) -> None:
    pid_file = tmp_path / "stale.pid"
    pid_file.write_text(f"{os.getpid()} 12345.0")
    assert recorded_process(pid_file) is None
    end_leftover(pid_file)
    assert not pid_file.exists()


def test_the_failure_of_a_child_shows_the_end_of_its_log(tmp_path: Path) -> None:
    child = Child(
        "broken", [sys.executable, "-c", "print('no disk'); raise SystemExit(3)"], tmp_path
    )
    child.start()
    with pytest.raises(ProcessFailedError, match=r"(?s)broken ended with status 3.*no disk"):
        wait_until(lambda: False, child, timeout=10)


def test_waiting_ends_after_the_timeout(tmp_path: Path) -> None:
    child = started("slow", SLEEP, tmp_path)
    with pytest.raises(ProcessFailedError, match=r"slow was not ready after 0\.2 s"):
        wait_until(lambda: False, child, timeout=0.2)
    child.stop()
