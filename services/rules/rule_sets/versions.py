"""A tenant's rule sets: versions that never change, and which of them is in force."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from services.rules.pack import Pack, restore
from services.rules.pack_source import PackSource
from shared.events import TenantId

MOST_CHANGES: Final = 50
"""Changes of what is in force that are remembered."""


class Published(Struct, frozen=True, kw_only=True):
    """One version. `whole` is all that it means, with what it inherited when it was published."""

    tenant: TenantId
    version: str
    text: str
    whole: bytes
    note: str = ""
    created_at: datetime
    created_by: str

    @property
    def source(self) -> PackSource:
        """All that it means, as if it had been written in full."""
        return msgspec.json.decode(zlib.decompress(self.whole), type=PackSource)

    def pack(self) -> Pack:
        """Return it ready to be made a rule set. Raises `PackError`: see `restore`."""
        return restore(self.source, self.text, self.version)


class Change(Struct, frozen=True, kw_only=True):
    """A change of what is in force: from then on `version`, or the shipped one if None."""

    version: str | None
    at: datetime
    by: str
    why: str


class Deployment(Struct, frozen=True, kw_only=True):
    """What of a tenant's rule sets is in force; the shipped one where `active` is None."""

    tenant: TenantId
    active: str | None = None
    changes: list[Change] = []


def published(
    pack: Pack, tenant: TenantId, note: str, created_at: datetime, created_by: str
) -> Published:
    """Return a checked pack as it is kept."""
    return Published(
        tenant=tenant,
        version=pack.version,
        text=pack.text,
        whole=zlib.compress(msgspec.json.encode(pack.source)),
        note=note,
        created_at=created_at,
        created_by=created_by,
    )


def activated(deployment: Deployment, change: Change) -> Deployment:
    """Return the deployment with another version in force."""
    changes = [*deployment.changes, change][-MOST_CHANGES:]
    return msgspec.structs.replace(deployment, active=change.version, changes=changes)


def before(deployment: Deployment) -> str | None:
    """Return the version that was in force before the one that is: what a rollback leads to."""
    versions = [None, *(change.version for change in deployment.changes)]
    while versions and versions[-1] == deployment.active:
        versions.pop()
    return versions[-1] if versions else None
