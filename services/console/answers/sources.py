"""Sources, keys and events, as ingest tells them."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct


class Hook(Struct, frozen=True):
    """Which platform posts to a source's own door."""

    platform: str


class Source(Struct, frozen=True):
    """A source of events."""

    source: str
    signed: bool
    networks: list[str]
    origins: list[str]
    created_at: datetime
    hook: Hook | None = None


class SourcePage(Struct, frozen=True):
    """Some sources."""

    items: list[Source]
    next: str | None = None


class Key(Struct, frozen=True):
    """What is known of a key."""

    id: str
    name: str
    last_four: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_from: str | None = None


class KeyPage(Struct, frozen=True):
    """Some keys."""

    items: list[Key]
    next: str | None = None


class KeyChange(Struct, frozen=True):
    """A line of the log of keys."""

    key: str
    change: str
    at: datetime
    by: str


class KeyChangePage(Struct, frozen=True):
    """Some lines of the log of keys."""

    items: list[KeyChange]


class Arrived(Struct, frozen=True):
    """An event that came in."""

    type: str
    id: str
    source: str
    group: str
    time: int
    member: str = ""
    text: str = ""

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.time / 1000, UTC)


class ArrivedPage(Struct, frozen=True):
    """Some events."""

    items: list[Arrived]
    next: str | None = None


class ArchiveSettings(Struct, frozen=True):
    """For how many days events are kept; None: they are not."""

    retention_days: int | None = None
