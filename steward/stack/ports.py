"""Finds TCP ports on this machine's loopback address."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable
from random import SystemRandom
from typing import Final

LOOPBACK = "127.0.0.1"
FREE: Final = (20_000, 32_768)
"""Where free ports are looked for: below Linux's default range for outgoing connections."""

_claims: Final[set[int]] = set()


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def is_open(host: str, port: int, timeout: float = 1) -> bool:
    """Whether something answers on the port."""
    try:
        with socket.create_connection((host, port), timeout):
            return True
    except OSError:
        return False


def claim(port: int) -> bool:
    """Take a port for this process until it ends; False when another has claimed it.

    Between choosing a port and listening on it lie seconds, and a server that
    is killed leaves its port until it is back: only a claim keeps it from all
    others that claim theirs, as every installation of Steward here does. It is
    a socket in the abstract namespace, which the kernel takes back by itself.
    """
    if sys.platform != "linux" or port in _claims:
        return True
    sign = socket.socket(socket.AF_UNIX)
    try:
        sign.bind(f"\0steward-port-{port}")
    except OSError:
        sign.close()
        return False
    sign.detach()  # open as long as the process lives
    _claims.add(port)
    return True


def free_ports(count: int) -> list[int]:
    """Return ports that are free, differ from one another, and are claimed.

    They lie below those that the kernel gives to outgoing connections, one of
    which could otherwise take the port of a server that is away for a moment.
    """
    ports: list[int] = []
    while len(ports) < count:
        port = SystemRandom().randrange(*FREE)
        if port not in _claims and is_free(port) and claim(port):
            ports.append(port)
    return ports


def choose(wanted: int, taken: Iterable[int] = ()) -> int:
    """Return the wanted port; a free one for 0, or when it is in use, claimed or `taken`."""
    if wanted and wanted not in taken and is_free(wanted) and claim(wanted):
        return wanted
    return free_ports(1)[0]
