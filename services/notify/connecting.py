"""Connections to receivers: every address is vetted in the moment it is connected to."""

from __future__ import annotations

import socket
from typing import Any

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from services.notify.guard import AddressRefusedError, Guard

_KEEPALIVE_SECONDS = 30
_DNS_SECONDS = 10

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]


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


def connector(guard: Guard, resolver: AbstractResolver | None = None) -> TCPConnector:
    """Return a pool of connections that only lead where the guard permits.

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
        resolver=VettedResolver(guard, resolver or ThreadedResolver()),
        socket_factory=vetted_socket,
    )
