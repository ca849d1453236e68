"""Connections to receivers, kept open between deliveries and made only where the guard permits."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from time import monotonic
from typing import Final

from services.notify.client.answers import Answer
from services.notify.client.connections import Connection, StaleError
from services.notify.client.targets import Origin, said, target_of
from services.notify.connecting import Connector

KEEP_SECONDS: Final = 30.0


class Pool:
    """Sends requests; the number of its connections is bounded by the slots of the stage."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._tls = ssl.create_default_context()
        self._tls.set_alpn_protocols(["http/1.1"])
        self._idle: dict[Origin, list[Connection]] = {}
        self._sweep_timer: asyncio.TimerHandle | None = None

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return what a request is answered, however long that takes.

        A connection that had ended unseen is not the receiver's fault: the
        request goes out again through a new one. Raises `ProtocolError`,
        `OSError` and what it is for names, addresses and TLS; `ssl.SSLError`.
        """
        target = target_of(url)
        request = said(method, target, headers, body)
        while (kept := self._kept(target.origin)) is not None:
            try:
                return await self._ask(kept, target.origin, request)
            except StaleError:
                continue
        return await self._ask(await self._connected(target.origin), target.origin, request)

    async def close(self) -> None:
        """End what is kept open."""
        for connections in self._idle.values():
            for each in connections:
                each.close()
        self._idle.clear()
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()

    async def _ask(self, connection: Connection, origin: Origin, request: bytes) -> Answer:
        answer = await connection.ask(request)
        if answer.reusable:
            self._idle.setdefault(origin, []).append(connection)
            self._sweep_later()
        return answer

    def _kept(self, origin: Origin) -> Connection | None:
        """Return the connection that was used last: its receiver is likeliest to keep it too."""
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _connected(self, origin: Origin) -> Connection:
        connected = await self._connector.connect(origin.host, origin.port)
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                Connection,
                sock=connected,
                ssl=self._tls if origin.secure else None,
                server_hostname=origin.host if origin.secure else None,
            )
        except BaseException:
            connected.close()
            raise
        return connection

    def _sweep_later(self) -> None:
        if self._sweep_timer is None:
            loop = asyncio.get_running_loop()
            self._sweep_timer = loop.call_later(KEEP_SECONDS / 2, self._sweep)

    def _sweep(self) -> None:
        """Close what was not used for long, and forget what has ended."""
        self._sweep_timer = None
        oldest = monotonic() - KEEP_SECONDS
        for origin, idle in list(self._idle.items()):
            for each in idle:
                if each.idle_since < oldest:
                    each.close()
            self._idle[origin] = [each for each in idle if each.is_open]
            if not self._idle[origin]:
                del self._idle[origin]
        if self._idle:
            self._sweep_later()
