"""What the ingest service does with each event of the log: archive it, if its tenant asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

from services.ingest.archive.event import ARCHIVE, archive_id, archived
from shared.events import TenantId
from shared.stream.contracts import Documents, Input, Key, Output, Record, Reference, Stage
from shared.topics import Topic

KINDS: Final = (ARCHIVE,)
GATHERING: Final = timedelta(seconds=0.5)
"""How long an event waits to be archived with others: reading each at once cost ingest a quarter
of its time."""


class Retentions(Reference, Protocol):
    """Which tenants have their events archived."""

    def days_of(self, tenant: TenantId) -> int | None:
        """Return for how many days; None: not at all."""


class ArchivePartition:
    """Archives the events of one partition. Holds nothing itself and reads no document."""

    def __init__(self, retentions: Retentions) -> None:
        self._retentions = retentions

    def keys(self, item: Input) -> Iterable[Key]:
        return ()

    def rebuild(self, record: Record) -> None:
        """There is no recent state."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        if not isinstance(item, Record):
            raise TypeError(f"the archive has neither timers nor tasks, yet got {item!r}")
        event = item.value
        days = self._retentions.days_of(event.tenant)
        if days is not None:
            documents.put(ARCHIVE, archive_id(event), archived(event, item.appended, days))
        return ()


def wants(retentions: Retentions, key: bytes) -> bool:
    """Whether the tenant of a group's record is among those whose events are archived."""
    tenant, _, _ = key.partition(b"/")
    return retentions.days_of(TenantId(tenant.decode())) is not None


def archive_stage(retentions: Retentions) -> Stage:
    """Return the stage as the runtime needs it."""
    return Stage(
        name="archive",
        topics=(Topic.EVENTS,),
        open_partition=lambda _: ArchivePartition(retentions),
        kinds=KINDS,
        leisure=4,
        gathering=GATHERING,
        references=(retentions,),
        wants=partial(wants, retentions),
    )
