"""W3C Trace Context: the ids that tie a request to everything it causes."""

from __future__ import annotations

import os
import re
from typing import Final

from msgspec import Struct

_TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_SAMPLED: Final = "01"


class Trace(Struct, frozen=True):
    """A trace and our span in it (W3C Trace Context §3.2)."""

    trace_id: str
    span_id: str
    flags: str = _SAMPLED

    @property
    def header(self) -> str:
        """The `traceparent` that tells a receiver that this span caused its work."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"

    @classmethod
    def start(cls) -> Trace:
        """Begin a new trace."""
        ids = os.urandom(24).hex()
        return cls(ids[:32], ids[32:])

    @classmethod
    def follow(cls, header: str | None) -> Trace:
        """Open a span in the caller's trace; in a new one if the header is no traceparent."""
        found = _TRACEPARENT.fullmatch(header) if header else None
        if found is None or (found[0].startswith("00-") and found[4]):
            return cls.start()
        return cls(found[1], os.urandom(8).hex(), found[3])
