"""How the points stage forgets a member: the account goes, the books name a pseudonym."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec.structs import replace

from services.scoring.erasure.forgetting import Forgetting, begin, forgetting_id
from services.scoring.erasure.tombstones import erased_until, with_tombstone
from services.scoring.points.documents import (
    ACCOUNTS,
    ERASED_ACCOUNTS,
    INVITATIONS,
    LEDGER,
    POINT_FORGETTINGS,
    ErasedAccounts,
    document_id,
)
from shared.events import GroupId, TenantId
from shared.members import MemberErased, pseudonym
from shared.stream.contracts import Documents, Key, Outcome, Output


class OfGroup(Protocol):
    """What belongs to a tenant's group."""

    @property
    def tenant(self) -> TenantId:
        """Whose it is."""

    @property
    def group(self) -> GroupId:
        """Where it is."""


def erased_key(about: OfGroup) -> Key:
    """Return the key of the document that tells who was erased in a group."""
    return ERASED_ACCOUNTS, document_id(about.tenant, about.group)


def is_erased(about: OfGroup, member: str, time: int, documents: Documents) -> bool:
    """Whether what a member did at `time` (ms) was before they were erased."""
    known = documents.get(ERASED_ACCOUNTS, document_id(about.tenant, about.group))
    return known is not None and time <= erased_until(known.erased, about.tenant, member)


def erase(asked: MemberErased, documents: Documents) -> None:
    """Remove what is under the member's id, and have found where others' documents name them."""
    documents.remove(ACCOUNTS, document_id(asked.tenant, asked.group, asked.member))
    documents.remove(INVITATIONS, document_id(asked.tenant, asked.group, asked.member))
    id = document_id(asked.tenant, asked.group)
    known = documents.get(ERASED_ACCOUNTS, id)
    before = {} if known is None else known.erased
    erased = with_tombstone(before, asked.tenant, asked.member, asked.time)
    documents.put(
        ERASED_ACCOUNTS, id, ErasedAccounts(tenant=asked.tenant, group=asked.group, erased=erased)
    )
    begin(POINT_FORGETTINGS, asked, documents)


def found_keys(outcome: Outcome) -> Iterable[Key]:
    """Name what a search found, and what asked for it."""
    yield POINT_FORGETTINGS, forgetting_id(outcome.task)
    if outcome.result is not None:
        entries, invitations = outcome.result
        yield from ((LEDGER, id) for id in entries)
        yield from ((INVITATIONS, id) for id in invitations)


def forget(outcome: Outcome, documents: Documents) -> Iterable[Output]:
    """Take the member out of the ledger and of invitations; None: the lease will ask again."""
    task: Forgetting = outcome.task
    if outcome.result is None:
        return ()
    nobody = pseudonym(task.tenant, task.member)
    entries, invitations = outcome.result
    for id in entries:
        entry = documents.get(LEDGER, id)
        if entry is not None:
            documents.put(LEDGER, id, replace(entry, member=nobody, reason=""))
    for id in invitations:
        invitation = documents.get(INVITATIONS, id)
        if invitation is not None and invitation.inviter == task.member:
            documents.put(INVITATIONS, id, replace(invitation, inviter=None, due_at=None))
    documents.remove(POINT_FORGETTINGS, forgetting_id(task))
    return ()
