"""What the ingest service does with the log: archive events, if their tenant asks, and forget."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

from services.ingest.archive import erasing
from services.ingest.archive.erasing import ERASINGS
from services.ingest.archive.event import ARCHIVE, archive_id, archived
from shared.events import TenantId
from shared.members import MemberErased
from shared.stream.contracts import (
    Documents,
    Due,
    Input,
    Key,
    Outcome,
    Output,
    Performer,
    Record,
    Reference,
    Stage,
)
from shared.topics import Topic

KINDS: Final = (ARCHIVE, ERASINGS)
GATHERING: Final = timedelta(seconds=0.5)
"""How long an event waits to be archived with others: reading each at once cost ingest a quarter
of its time."""


class Retentions(Reference, Protocol):
    """Which tenants have their events archived."""

    def days_of(self, tenant: TenantId) -> int | None:
        """Return for how many days; None: not at all."""

    def knows(self, tenant: TenantId) -> bool:
        """Whether a tenant ever asked: there may be events of it that are to be forgotten."""


class ArchivePartition:
    """Archives the events of one partition. Holds nothing itself, and to archive reads nothing."""

    def __init__(self, retentions: Retentions) -> None:
        self._retentions = retentions

    def keys(self, item: Input) -> Iterable[Key]:
        return erasing.found_keys(item) if isinstance(item, Outcome) else ()

    def rebuild(self, record: Record) -> None:
        """There is no recent state."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        if isinstance(item, Outcome):
            return erasing.forget(item, documents)
        if isinstance(item, Due):
            return erasing.search(item, documents)
        event = item.value
        if item.topic is Topic.MEMBERS:
            if isinstance(event, MemberErased):
                erasing.begin(event, documents)
            return ()
        days = self._retentions.days_of(event.tenant)
        if days is not None:
            documents.put(ARCHIVE, archive_id(event), archived(event, item.appended, days))
        return ()


def wants(retentions: Retentions, key: bytes) -> bool:
    """Whether the tenant of a group's record has, or had, its events archived."""
    tenant, _, _ = key.partition(b"/")
    return retentions.knows(TenantId(tenant.decode()))


def archive_stage(retentions: Retentions, performer: Performer | None = None) -> Stage:
    """Return the stage as the runtime needs it."""
    return Stage(
        name="archive",
        topics=(Topic.EVENTS, Topic.MEMBERS),
        open_partition=lambda _: ArchivePartition(retentions),
        kinds=KINDS,
        leisure=4,
        gathering=GATHERING,
        performer=performer,
        references=(retentions,),
        wants=partial(wants, retentions),
    )
