"""What the partitions of a process share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from shared.mongo import Database
from shared.settings import Settings
from shared.stream.checkpoints import Checkpoints
from shared.stream.contracts import Stage
from shared.stream.publisher import Publisher


class Feed(Protocol):
    """Where a partition's records come from."""

    def rewind(self, number: int, offsets: dict[str, int]) -> None:
        """Go on with the records at these offsets (by topic; a new topic from its start)."""

    def relieve(self, number: int) -> None:
        """Fetch for this partition again: its inbox has room."""


@dataclass(frozen=True)
class Workshop:
    """The stage, and the connections that its partitions use."""

    stage: Stage
    settings: Settings
    database: Database
    checkpoints: Checkpoints
    publisher: Publisher
    feed: Feed
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the flush that is under way after MongoDB rolled one back."""
