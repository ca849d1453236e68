"""Waits until a child process is ready, or says why it is not."""

from __future__ import annotations

import time
from collections.abc import Callable

from steward.stack.process import Child, ProcessFailedError


def wait_until(ready: Callable[[], bool], child: Child, timeout: float) -> None:
    """Return as soon as `ready()` holds.

    Raises:
        ProcessFailedError: the process ended first, or `timeout` seconds went by.
    """
    deadline = time.monotonic() + timeout
    while not ready():
        child.require_running()
        if time.monotonic() > deadline:
            raise ProcessFailedError(child.name, f"was not ready after {timeout:g} s", child.log)
        time.sleep(0.05)
