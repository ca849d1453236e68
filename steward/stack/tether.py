"""Runs a command that ends when its parent ends: `python tether.py PARENT COMMAND …`.

Run as a script in a process of its own, because the kernel ties the signal to
the caller, and code between fork and exec may deadlock in a threaded parent.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
MOST_FILES = 65_536


def tie_to_parent(parent: int) -> None:
    """Ask the kernel to end this process with its parent (Linux; elsewhere, do nothing)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before the request was heard
        sys.exit(1)


def raise_file_limit() -> None:
    """Allow as many open files as the system lets us; brokers and databases need thousands."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    tie_to_parent(int(sys.argv[1]))
    raise_file_limit()
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606
