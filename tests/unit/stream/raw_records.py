"""Raw records as a log would have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.events import MessagePosted, encode


@dataclass
class Raw:
    """A record of the events topic."""

    offset: int
    value: bytes | None
    topic: str = "events"
    partition: int = 0
    timestamp: int = 0
    key: bytes | None = b"t/g"
    headers: tuple[tuple[str, bytes], ...] = ()


def log_of(events: Iterable[MessagePosted]) -> list[Raw]:
    """Return the events as the records of one partition, a second apart."""
    return [
        Raw(offset, encode(event), timestamp=1_000 * offset, key=event.key.encode())
        for offset, event in enumerate(events)
    ]
