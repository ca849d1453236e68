"""A TCP proxy on the loopback address that can cut and slow what goes through it."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

from steward.stack.ports import LOOPBACK

CHUNK = 64 * 1024


class Proxy:
    """Forwards connections to a port; `cut` and `slow` disturb all of them at once."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self._target = target
        self._open: set[StreamWriter] = set()
        self._cut = False
        self._delay = 0.0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)

    async def stop(self) -> None:
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Break every connection, and refuse new ones until `mend`."""
        self._cut = True
        for writer in list(self._open):
            writer.close()

    def slow(self, seconds: float) -> None:
        """Hold every chunk for so long, until `mend`."""
        self._delay = seconds

    def mend(self) -> None:
        self._cut, self._delay = False, 0.0

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self._cut:
            writer.close()
            return
        try:
            back, forth = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:
            writer.close()
            return
        self._open |= {writer, forth}
        await asyncio.gather(self._pump(reader, forth), self._pump(back, writer))
        self._open -= {writer, forth}

    async def _pump(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if self._delay:
                    await asyncio.sleep(self._delay)
                writer.write(chunk)
                await writer.drain()
        writer.close()
