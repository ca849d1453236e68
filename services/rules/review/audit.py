"""The audit log: entries that each carry the hash of the one before, so that none can be changed.

Every partition of a tenant's data has a chain of its own, because one owner
extends it, in the transaction in which it does what the entry tells. An entry's
hash is the SHA-256 of its content as canonical JSON (RFC 8785: members sorted,
no blanks) with the hash before and its number in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from shared.events import Millis, Tenant, TenantId
from shared.reviews import Reviewer
from shared.stream.contracts import Documents, Key, Kind

BEGINNING: Final = "0" * 64
"""What the first entry of a chain carries in place of a hash before."""


class Entry(Struct, frozen=True, kw_only=True):
    """One entry. Its `_id` is `tenant/chain/seq`, so that ids sort by order."""

    tenant: Tenant
    chain: int
    seq: int
    time: Millis
    what: str
    subject: str
    by: Reviewer
    detail: dict[str, str]
    before: str
    hash: str


class Head(Struct, frozen=True, kw_only=True):
    """Where a chain ends: the number and the hash of its last entry."""

    tenant: Tenant
    seq: int = 0
    hash: str = BEGINNING


ENTRIES: Final = Kind("audit", Entry)
HEADS: Final = Kind("audit_heads", Head)


class Fault(Struct, frozen=True):
    """Where a chain does not hold, and what is wrong there."""

    chain: int
    seq: int
    what: str


def head_id(tenant: str, chain: int) -> str:
    """Return the `_id` of a chain's head."""
    return f"{tenant}/{chain:05d}"


def entry_id(tenant: str, chain: int, seq: int) -> str:
    """Return the `_id` of an entry."""
    return f"{head_id(tenant, chain)}/{seq:012d}"


class AuditLog:
    """Extends the chains of one partition."""

    def __init__(self, partition: int) -> None:
        self._chain = partition
        self._suffix = head_id("", partition)

    def key(self, tenant: str) -> Key:
        """Name the head of a tenant's chain, which `add` reads."""
        return HEADS, tenant + self._suffix

    def add(
        self,
        documents: Documents,
        tenant: TenantId,
        time: Millis,
        what: str,
        subject: str,
        by: Reviewer,
        detail: Mapping[str, str],
    ) -> Entry:
        """Append an entry to the tenant's chain."""
        id = head_id(tenant, self._chain)
        head = documents.get(HEADS, id) or Head(tenant=tenant)
        content = {
            "tenant": tenant,
            "chain": self._chain,
            "seq": head.seq + 1,
            "time": time,
            "what": what,
            "subject": subject,
            "by": {"key": by.key, "name": by.name},
            "detail": dict(detail),
            "before": head.hash,
        }
        hashed = hash_of(content)
        entry = Entry(
            tenant=tenant,
            chain=self._chain,
            seq=head.seq + 1,
            time=time,
            what=what,
            subject=subject,
            by=by,
            detail=dict(detail),
            before=head.hash,
            hash=hashed,
        )
        documents.put(ENTRIES, entry_id(tenant, self._chain, entry.seq), entry)
        documents.put(HEADS, id, Head(tenant=tenant, seq=entry.seq, hash=hashed))
        return entry


def hash_of(content: Mapping[str, Any]) -> str:
    """Return the hash of an entry's content: all of it but `hash` itself."""
    told = {name: value for name, value in content.items() if name != "hash"}
    written = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


class Verification:
    """Reads chains, each in order, and notes where they do not hold.

    An entry that was changed has another hash than it says; one that was
    removed or moved leaves a gap, or a hash before that does not fit; entries
    cut off at the end are missed by the chain's head.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.read = 0
        self._last: dict[int, tuple[int, str]] = {}

    def add(self, entry: Mapping[str, Any]) -> None:
        """Read an entry, as plain data."""
        chain, seq = int(entry["chain"]), int(entry["seq"])
        at, before = self._last.get(chain, (0, BEGINNING))
        if seq != at + 1:
            self._note(chain, seq, f"follows entry {at}: entries are missing or out of order")
        elif entry["before"] != before:
            self._note(chain, seq, "does not carry the hash of the entry before")
        if hash_of(entry) != entry["hash"]:
            self._note(chain, seq, "was changed: its content does not have its hash")
        self._last[chain] = (seq, str(entry["hash"]))
        self.read += 1

    def end(self, heads: Mapping[int, Head]) -> None:
        """Compare where the chains ended with their heads."""
        for chain in sorted(heads.keys() | self._last.keys()):
            seq, hashed = self._last.get(chain, (0, BEGINNING))
            head = heads.get(chain)
            if head is None or (head.seq, head.hash) != (seq, hashed):
                self._note(chain, seq, "is not where the chain's head says that it ends")

    def _note(self, chain: int, seq: int, what: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(chain, seq, what))


MOST_FAULTS: Final = 100
"""Faults that a verification lists."""
