"""Child processes that log to a file, end with their parent, and never outlive a restart."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

TETHER: Final = Path(__file__).with_name("tether.py")
_SAME_START: Final = 0.01
"""Two readings of one process's start time differ by less than this many seconds."""


class ProcessFailedError(Exception):
    """A child process ended, or did not become ready in time; shows the end of its log."""

    def __init__(self, name: str, reason: str, log: Path) -> None:
        self.name = name
        self.reason = reason
        self.log = log
        super().__init__(f"{name} {reason}\n{last_lines(log)}\n(the whole log: {log})")


def last_lines(log: Path, count: int = 20) -> str:
    """Return the last lines of a log file, or nothing when there is no such file."""
    try:
        with log.open(errors="replace") as lines:
            return "".join(deque(lines, count)).rstrip()
    except FileNotFoundError:
        return ""


class Child:
    """One supervised process, in a process group of its own.

    Start it from a thread that lives as long as the process should: the kernel
    ends the child when the thread that started it ends.

    Args:
        name: what people call it; names its log and pid files.
        command: program and arguments.
        root: directory under which `log/NAME.log` and `run/NAME.pid` are kept.
        env: variables put over this process's own environment.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        root: Path,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.env = dict(env or {})
        self.log = root / "log" / f"{name}.log"
        self._pid_file = root / "run" / f"{name}.pid"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id, or None when it was not started."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def listens_on(self, port: int) -> bool:
        """Whether this very process, and not another program, has the TCP port open."""
        if self._process is None:
            return False
        try:
            sockets = psutil.Process(self._process.pid).net_connections("tcp")
        except psutil.Error:
            return False
        listening = [each for each in sockets if each.status == psutil.CONN_LISTEN]
        return any(each.laddr.port == port for each in listening)

    def start(self) -> None:
        """Start the process, after ending the one that an earlier parent may have left."""
        if self.running:
            return
        end_leftover(self._pid_file)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._pid_file.parent.mkdir(parents=True, exist_ok=True)
        tether = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid())]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*tether, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.env},
                process_group=0,
            )
        started = psutil.Process(self._process.pid).create_time()
        self._pid_file.write_text(f"{self._process.pid} {started}")

    def terminate(self) -> None:
        """Ask the process to end, without waiting for it."""
        self._signal(signal.SIGTERM)

    def stop(self, grace: float = 15) -> None:
        """End the process: SIGTERM, then SIGKILL to its group after `grace` seconds."""
        if self._process is None:
            return
        self.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        self.kill()

    def kill(self) -> None:
        """End the process and its group at once, as a crash would."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._pid_file.unlink(missing_ok=True)

    def require_running(self) -> None:
        """Raise `ProcessFailedError` when the process has ended."""
        if self._process is None:
            raise ProcessFailedError(self.name, "was not started", self.log)
        status = self._process.poll()
        if status is not None:
            raise ProcessFailedError(self.name, f"ended with status {status}", self.log)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return


def end_leftover(pid_file: Path, grace: float = 15) -> None:
    """End the process named in a pid file, if it is still the one that wrote it."""
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        process = recorded_process(pid_file)
        if process is None:
            break
        with suppress(psutil.NoSuchProcess):
            ask(process)
        wait_ended(pid_file, grace)
    pid_file.unlink(missing_ok=True)


def wait_ended(pid_file: Path, timeout: float) -> bool:
    """Wait until the process named in a pid file has ended; False when it has not by then.

    A zombie has ended: it may be the child of a program that does not collect it.
    """
    deadline = time.monotonic() + timeout
    while recorded_process(pid_file) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def recorded_process(pid_file: Path) -> psutil.Process | None:
    """Return the live process that a pid file names, or None.

    The file holds the pid and the start time, so that a pid which the system
    has given to another program since is not taken for ours.
    """
    try:
        pid, started = pid_file.read_text().split()
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(started)) < _SAME_START
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process if same and process.status() != psutil.STATUS_ZOMBIE else None
