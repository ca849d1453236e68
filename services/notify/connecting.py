"""Connections to receivers: every address is vetted in the moment it is connected to."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from services.notify.guard import AddressRefusedError, Guard

_KEEPALIVE_SECONDS = 30
_DNS_SECONDS = 10
_DNS_THREADS: Final = 64

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]


class PooledResolver(AbstractResolver):
    """The system's resolver on many threads: a name whose server is silent delays no other."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_DNS_THREADS, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        def look_up() -> list[ResolveResult]:
            flags = socket.AI_ADDRCONFIG
            found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=flags)
            return [_resolved(host, port, each) for each in found]

        return await asyncio.get_running_loop().run_in_executor(self._threads, look_up)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


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


def connector(guard: Guard, resolver: AbstractResolver) -> TCPConnector:
    """Return a pool of connections that only lead where the guard permits.

    `resolver` is a `VettedResolver`.

    The socket is made for the very address that was vetted, whether it came
    from a resolver, a cache of names, or stood in the URL. Connections are kept
    open between deliveries; their number is bounded by the slots of the stage.
    """

    def vetted_socket(address: AddressInfo) -> socket.socket:
        family, kind, protocol, _, target = address
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise AddressRefusedError("not an internet address")
        guard.check_address(str(target[0]))
        guard.check_port(int(target[1]))
        return socket.socket(family, kind, protocol)

    return TCPConnector(
        limit=0,
        limit_per_host=0,
        ttl_dns_cache=_DNS_SECONDS,
        keepalive_timeout=_KEEPALIVE_SECONDS,
        resolver=resolver,
        socket_factory=vetted_socket,
    )
