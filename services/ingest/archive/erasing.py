"""A member who is to be forgotten in the archive: their own events go, others' name nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from services.ingest.archive.event import ARCHIVE, ArchivedEvent, event_json, with_body
from shared.events import GroupId, MemberId, Millis, TenantId
from shared.members import MemberErased, pseudonym
from shared.stream.contracts import Documents, Due, Key, Kind, Outcome, Output, Perform

LEASE: Final = 60_000
"""After how long (ms) a search is asked for again if its owner died."""
SETTLING: Final = 600_000
"""How long (ms) after the first search what was still in flight is looked for once more."""
_AT_ONCE: Final = Millis(1)
"""A moment that every clock has passed: after what was folded so far is written."""


class Erasing(Struct, frozen=True, kw_only=True):
    """A search in a group's archive, behind the `_id` `after`; gone when the second is done."""

    tenant: TenantId
    group: GroupId
    member: MemberId
    until: int
    due_at: Millis | None = _AT_ONCE
    after: str = ""
    again: bool = False


class Found(NamedTuple):
    """Archived events that name the member, and where to look on; None: that was the end."""

    ids: list[str]
    after: str | None


ERASINGS: Final = Kind("archive_erasings", Erasing, timed=True)


def erasing_id(about: Erasing | MemberErased) -> str:
    """Return the `_id` of a search."""
    return f"{about.tenant}\x1f{about.group}\x1f{about.member}"


def begin(asked: MemberErased, documents: Documents) -> None:
    """Have the member's events looked for once what was folded so far is written."""
    task = Erasing(tenant=asked.tenant, group=asked.group, member=asked.member, until=asked.time)
    documents.put(ERASINGS, erasing_id(task), task)


def search(due: Due, documents: Documents) -> Iterator[Output]:
    """Ask for the next page of the search, and lease it."""
    task: Erasing = due.document
    documents.put(ERASINGS, due.id, replace(task, due_at=Millis(due.now + LEASE)))
    yield Perform(task)


def found_keys(outcome: Outcome) -> Iterator[Key]:
    """Name what a search found."""
    if outcome.result is not None:
        yield from ((ARCHIVE, id) for id in outcome.result.ids)


def forget(outcome: Outcome, documents: Documents) -> Iterator[Output]:
    """Forget the member in a page of the archive; None: MongoDB was away, the lease asks again."""
    task: Erasing = outcome.task
    if outcome.result is None:
        return
    for id in outcome.result.ids:
        known = documents.get(ARCHIVE, id)
        left = None if known is None else without(known, task)
        if left is None:
            documents.remove(ARCHIVE, id)
        else:
            documents.put(ARCHIVE, id, left)
    after: str | None = outcome.result.after
    if after is not None:
        onward = replace(task, after=after, due_at=Millis(outcome.now + LEASE))
        documents.put(ERASINGS, erasing_id(task), onward)
        yield Perform(onward)
    elif not task.again:
        later = Millis(outcome.now + SETTLING)
        documents.put(ERASINGS, erasing_id(task), replace(task, after="", again=True, due_at=later))
    else:
        documents.remove(ERASINGS, erasing_id(task))


def without(known: ArchivedEvent, task: Erasing) -> ArchivedEvent | None:
    """Return an archived event without the member; None for one of their own from before."""
    body = bytes(event_json(known.body))
    event: dict[str, Any] = msgspec.json.decode(body)
    if event["member"] == task.member and event["time"] <= task.until:
        return None
    if event["member"] == task.member:
        return known
    nobody = pseudonym(task.tenant, task.member)
    return with_body(known, body.replace(named(task.member), named(nobody)))


def named(member: str) -> bytes:
    """Return a member's id as it stands in an event's JSON."""
    return msgspec.json.encode(member)
