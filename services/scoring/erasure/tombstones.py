"""What is left of erased members in a group: digests of ids, by which late records stay out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.scoring.calendar import DAY
from shared.members import member_digest

KEPT_DAYS: Final = 91
"""For so long what happened before an erasure is kept out, however late it comes."""
MOST: Final = 10_000
"""Erasures of one group that are remembered; the earliest go first."""

Tombstones = dict[str, int]
"""By the digest of a member's id: up to when (ms) all of theirs is forgotten."""


def erased_until(tombstones: Mapping[str, int], tenant: str, member: str) -> int:
    """Return up to when (ms) all of a member's is forgotten, 0 where they were not erased."""
    return tombstones.get(member_digest(tenant, member), 0) if tombstones else 0


def with_tombstone(tombstones: Tombstones, tenant: str, member: str, until: int) -> Tombstones:
    """Return the tombstones with one more; those of more than `KEPT_DAYS` before go."""
    digest = member_digest(tenant, member)
    latest = max(until, tombstones.get(digest, 0))
    kept = {name: at for name, at in tombstones.items() if at > until - KEPT_DAYS * DAY}
    kept[digest] = latest
    if len(kept) > MOST:
        del kept[min(kept, key=lambda name: (kept[name], name))]
    return kept
