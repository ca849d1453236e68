"""A backtest that was asked for, and how far it is."""

from __future__ import annotations

import zlib
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from services.rules.backtests.replay import Report
from services.rules.pack import Pack, restore
from services.rules.pack_source import PackSource
from shared.events import Millis, TenantId

MOST_EVENTS: Final = 500_000
"""Events that one backtest compares; it ends there."""


class State(StrEnum):
    """Where a backtest stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Struct, frozen=True, kw_only=True):
    """A backtest: a version, or a pack that was not published, on a tenant's events of a span."""

    id: str
    tenant: TenantId
    version: str
    whole: bytes
    start: Millis
    end: Millis
    groups: list[str]
    created_at: datetime
    created_by: str
    state: State = State.QUEUED
    progress: float = 0.0
    events: int = 0
    attempts: int = 0
    error: str = ""
    report: Report | None = None

    def pack(self) -> Pack:
        """Return the candidate. Raises `PackError`: see `restore`."""
        source = msgspec.json.decode(zlib.decompress(self.whole), type=PackSource)
        return restore(source, "", self.version)


def packed(pack: Pack) -> bytes:
    """Return all that a checked pack means, to be kept with a job."""
    return zlib.compress(msgspec.json.encode(pack.source))
