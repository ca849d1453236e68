"""A member who is to be forgotten where others' documents name them, which only a search finds.

What an erasure finds under the member's own id goes at once. The rest is asked
of MongoDB by a task, which must not look before everything folded so far is
written: so the task is asked for by a timer, which goes off after that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from shared.events import GroupId, MemberId, Millis, TenantId
from shared.members import MemberErased
from shared.stream.contracts import Documents, Due, Kind, Output, Perform

LEASE: Final = 60_000
"""After how long (ms) the search is asked for again if its owner died."""
_AT_ONCE: Final = Millis(1)
"""A moment that every clock has passed."""


class Forgetting(Struct, frozen=True, kw_only=True):
    """A member of a group who is to be forgotten, up to `until` (ms); gone when that is done."""

    tenant: TenantId
    group: GroupId
    member: MemberId
    until: int
    due_at: Millis | None = _AT_ONCE


def forgetting_id(about: Forgetting | MemberErased) -> str:
    """Return the `_id` under which it is remembered that a member is to be forgotten."""
    return f"{about.tenant}\x1f{about.group}\x1f{about.member}"


def begin(kind: Kind[Forgetting], asked: MemberErased, documents: Documents) -> None:
    """Have the search begun as soon as what was folded so far is written."""
    task = Forgetting(tenant=asked.tenant, group=asked.group, member=asked.member, until=asked.time)
    documents.put(kind, forgetting_id(task), task)


def search(due: Due, documents: Documents) -> Iterator[Output]:
    """Ask for the search, and lease it."""
    task: Forgetting = due.document
    documents.put(due.kind, due.id, replace(task, due_at=Millis(due.now + LEASE)))
    yield Perform(task)
