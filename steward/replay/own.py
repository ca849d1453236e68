"""Steward's own: CloudEvents, one on a line, as `steward send` takes them too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from shared.events import EVENT_TYPES, BaseEvent
from steward.replay.export import Export
from steward.replay.teller import Teller


def recognises(names: Sequence[str], head: str) -> bool:
    """Whether the first line is a CloudEvent."""
    first = head.partition("\n")[0]
    return first.startswith("{") and '"specversion"' in first


def read(export: Export, teller: Teller) -> Iterator[BaseEvent]:
    """Yield the events under the ids and sources that they have; other lines are skipped."""
    for name in export.names:
        with export.open(name) as stream:
            for line in stream:
                if line.strip():
                    yield from _event(line, teller)


def _event(line: bytes, teller: Teller) -> Iterator[BaseEvent]:
    try:
        told: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
        kind = EVENT_TYPES[told["type"]]
        attributes = {"id": told["id"], "source": told["source"], "tenant": "-"}
        fields = {**told["data"], **attributes, "time": teller.iso(told["time"])}
        fields = {**fields, "type": told["type"], "backfill": teller.backfill}
        yield msgspec.convert(fields, kind)
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError):
        teller.skip("lines that are no events")
