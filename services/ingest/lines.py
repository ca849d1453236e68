"""Lines out of a stream of bytes, none of them held beyond a bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.ingest.cloudevents import MAX_EVENT_BYTES

_KEPT: Final = MAX_EVENT_BYTES + 1
"""How much of a line is kept: enough to see that it is too long."""


class Lines:
    """Cuts chunks into lines, dropping blank ones.

    Of a line that is too long for an event, the beginning alone is kept: it is
    one byte too long and so is refused like any other event of that length.
    """

    def __init__(self) -> None:
        self._begun = b""

    @property
    def held(self) -> int:
        """Bytes of the line that has begun."""
        return len(self._begun)

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the lines that end in `chunk`."""
        *ended, begun = chunk.split(b"\n")
        for part in ended:
            line = self._with(part)
            self._begun = b""
            if line.strip():
                yield line
        self._begun = self._with(begun)

    def finish(self) -> Iterator[bytes]:
        """Yield the last line, if it did not end."""
        line, self._begun = self._begun, b""
        if line.strip():
            yield line

    def _with(self, part: bytes) -> bytes:
        return (self._begun + part[: _KEPT - len(self._begun)])[:_KEPT]
