"""Members, as scoring tells them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Membership(Struct, frozen=True):
    """A member in one group."""

    member: str
    group: str
    name: str
    role: str
    layer: str
    score: float
    active_days: int
    present: bool
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    counts: dict[str, int] = {}
    flags: dict[str, int] = {}


class Member(Struct, frozen=True):
    """A member across the groups."""

    member: str
    name: str
    score: float
    groups: list[Membership]
