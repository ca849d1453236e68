"""The log of what was done to API keys: lines are added, never changed or removed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

import msgspec
from msgspec import Struct

from shared.events import TenantId
from shared.mongo import Document

CHANGES: Final = "key_changes"


class Change(StrEnum):
    """What can be done to a key."""

    CREATED = "created"
    ROTATED = "rotated"
    REVOKED = "revoked"


class KeyChange(Struct, frozen=True, kw_only=True):
    """One line: what was done to which key, when, and by whom.

    `by` is the id of the key that asked for it, or the command. `detail` says
    what a created key was granted, or until when a rotated one's old secret is
    good. Ids sort by time.
    """

    id: str
    tenant: TenantId
    key: str
    change: Change
    at: datetime
    by: str
    detail: dict[str, Any]

    @classmethod
    def of(
        cls, change: Change, key: Document, by: str, at: datetime, detail: Mapping[str, Any]
    ) -> Self:
        """Return the line for a change of a key, given as it is stored."""
        return cls(
            id=f"kc_{int(at.timestamp() * 1_000_000):016x}{secrets.token_hex(4)}",
            tenant=key["tenant"],
            key=key["_id"],
            change=change,
            at=at,
            by=by,
            detail=dict(detail),
        )

    @property
    def document(self) -> Document:
        """The line as it is stored."""
        fields: Document = msgspec.to_builtins(self, builtin_types=(datetime,))
        return {"_id": fields.pop("id"), **fields}

    @classmethod
    def read(cls, document: Document) -> Self:
        return msgspec.convert({**document, "id": document["_id"]}, cls)
