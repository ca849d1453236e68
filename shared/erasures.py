"""A member who is being forgotten in what a service keeps: a timed document of its stage. Pure.

A stage looks for what names them by a task, and twice: what was under way at the
first time is written by the second.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from shared.events import GroupId, MemberId, Millis, TenantId, derive_id
from shared.members import MemberErased

LEASE_MS: Final = 60_000
"""After so long without an answer it is looked again."""
AGAIN_MS: Final = 3_600_000
"""How much later it is looked for what was under way: as long as campaigns look back."""
LOOKS: Final = 2


class Erasure(Struct, frozen=True, kw_only=True):
    """A member of a group who is being forgotten up to `until`; `looks` counts finished ones."""

    tenant: TenantId
    group: GroupId
    member: MemberId
    until: Millis = Millis(0)
    looks: int = 0
    due_at: Millis | None = None

    @classmethod
    def asked(cls, request: MemberErased, due_at: Millis) -> Erasure:
        """Return the beginning: by a timer, so that all that came before is written."""
        return cls(
            tenant=request.tenant,
            group=request.group,
            member=request.member,
            until=request.time,
            due_at=due_at,
        )

    def leased(self, now: Millis) -> Erasure:
        """Return it while a task looks."""
        return replace(self, due_at=Millis(now + LEASE_MS))

    def looked(self, now: Millis) -> Erasure | None:
        """Return it after a finished look; None: it was the last one."""
        looks = self.looks + 1
        return replace(self, looks=looks, due_at=Millis(now + AGAIN_MS)) if looks < LOOKS else None


def erasure_id(request: MemberErased) -> str:
    """Return the `_id` of the document that a request leads to."""
    return derive_id(request.id, request.group, request.member)
