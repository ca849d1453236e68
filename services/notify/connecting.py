"""Connections to receivers: every address is vetted in the moment it is connected to."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any, Final

import aiohappyeyeballs
from aiohttp.abc import AbstractResolver, ResolveResult

from services.notify.guard import AddressRefusedError, Guard

_DNS_SECONDS: Final = 10.0
_DNS_THREADS: Final = 64
_MOST_NAMES: Final = 10_000
_HEAD_START_SECONDS: Final = 0.25
"""After how long the next address is tried beside the one before it (RFC 8305)."""

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
_Name = tuple[str, int, int]


class PooledResolver(AbstractResolver):
    """The system's resolver on many threads: a name whose server is silent delays no other.

    What it answered holds for ten seconds, and who asks meanwhile waits for
    the same answer.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_DNS_THREADS, thread_name_prefix="dns")
        self._known: dict[_Name, tuple[float, asyncio.Future[list[ResolveResult]]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        now = monotonic()
        until, answer = self._known.get((host, port, family), (0.0, None))
        if answer is None or now > until or (answer.done() and answer.exception() is not None):
            if len(self._known) >= _MOST_NAMES:
                self._known.clear()
            loop = asyncio.get_running_loop()
            answer = loop.run_in_executor(self._threads, _look_up, host, port, family)
            self._known[host, port, family] = (now + _DNS_SECONDS, answer)
        return await asyncio.shield(answer)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    flags = socket.AI_ADDRCONFIG
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=flags)
    return [_resolved(host, port, each) for each in found]


def _resolved(host: str, port: int, found: AddressInfo) -> ResolveResult:
    family, _, protocol, _, target = found
    return ResolveResult(
        hostname=host,
        host=str(target[0]),
        port=port,
        family=family,
        proto=protocol,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


class VettedResolver(AbstractResolver):
    """Resolves names, and refuses those of which any address is refused.

    Raises `AddressRefusedError` then. Letting the permitted addresses of such
    a name through would let its owner try which ones are open.
    """

    def __init__(self, guard: Guard, inner: AbstractResolver) -> None:
        self._guard = guard
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for each in found:
            self._guard.check_address(each["host"])
        return found

    async def close(self) -> None:
        await self._inner.close()


class Connector:
    """Connects to where the guard permits, and nowhere else.

    The socket is made for the very address that was vetted, whether it came
    from a resolver, a memory of names, or stood in the URL.
    """

    def __init__(self, guard: Guard, resolver: VettedResolver) -> None:
        self._guard = guard
        self._resolver = resolver

    async def connect(self, host: str, port: int) -> socket.socket:
        """Return a connected socket.

        Raises `AddressRefusedError`, `socket.gaierror` and other `OSError`.
        """
        self._guard.check_port(port)
        found = await self._resolver.resolve(host, port, socket.AF_UNSPEC)
        return await aiohappyeyeballs.start_connection(
            [_address(each) for each in found],
            happy_eyeballs_delay=_HEAD_START_SECONDS,
            socket_factory=self.vetted_socket,
        )

    def vetted_socket(self, address: AddressInfo) -> socket.socket:
        """Return a socket for this address. Raises `AddressRefusedError`."""
        family, kind, protocol, _, target = address
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise AddressRefusedError("not an internet address")
        self._guard.check_address(str(target[0]))
        self._guard.check_port(int(target[1]))
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made


def _address(found: ResolveResult) -> AddressInfo:
    place = (found["host"], found["port"])
    target = (*place, 0, 0) if found["family"] == socket.AF_INET6 else place
    return (found["family"], socket.SOCK_STREAM, socket.IPPROTO_TCP, "", target)
