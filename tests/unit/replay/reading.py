"""Reads small exports for the tests of their formats."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.ingest.cloudevents import Reading, read_structured
from shared.events import BaseEvent, TenantId
from steward.cloudevents import batch
from steward.replay.export import Export
from steward.replay.formats import FORMATS, detect
from steward.replay.teller import Teller


def write(folder: Path, files: dict[str, object]) -> Path:
    """Write files; what is not text becomes JSON. Return the only one, or the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder / next(iter(files)) if len(files) == 1 else folder


def told(path: Path, format: str, skipped: Counter[str] | None = None) -> list[BaseEvent]:
    """Return the events of an export, which is recognised and whose events ingest takes."""
    with Export(path) as export:
        found = detect(export)
        assert found is not None
        assert found.name == format
        teller = Teller("test", ZoneInfo(found.zone))
        events = list(FORMATS[format].read(export, teller))
    assert all(event.backfill for event in events)
    assert len({event.id for event in events}) == len(events), "ids are distinct"
    _require_taken(events)
    if skipped is not None:
        skipped.update(teller.skipped)
    return events


def _require_taken(events: list[BaseEvent]) -> None:
    reading = Reading(TenantId("-"), datetime.now(UTC))
    for raw, event in zip(json.loads(batch(events)), events, strict=True):
        assert read_structured(json.dumps(raw).encode(), reading).event == event


def summary(events: list[BaseEvent]) -> list[tuple[str, str]]:
    """Return type and member of each event."""
    return [(event.type, event.member) for event in events]
