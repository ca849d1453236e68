"""Finds TCP ports on this machine's loopback address."""

from __future__ import annotations

import socket
from collections.abc import Iterable

LOOPBACK = "127.0.0.1"


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


def free_ports(count: int) -> list[int]:
    """Return ports that are free and differ from one another."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def choose(wanted: int, taken: Iterable[int] = ()) -> int:
    """Return the wanted port, or another free one when it is in use or among `taken`."""
    if wanted not in taken and is_free(wanted):
        return wanted
    return free_ports(1)[0]
