"""Tells what an export says as Steward's events, within what ingest takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Final, TypeVar

from shared.events import BaseEvent, GroupId, MemberId, Millis, TenantId, derive_id

E = TypeVar("E", bound=BaseEvent)

LONGEST_ID: Final = 200
LONGEST_TEXT: Final = 20_000
MOST_TEXT_BYTES: Final = 56_000
"""Leaves room for the rest of an event within ingest's 64 KiB."""
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_TEXTS: Final = frozenset({"text", "name", "emoji", "reason"})
_NO_TENANT: Final = TenantId("-")
"""The API key says whose events these are."""


@dataclass
class Teller:
    """Makes the events of one export.

    `source` is their CloudEvents source, `zone` the zone of times that name none,
    `backfill` whether they are told as history. `skipped` counts what the export
    holds and Steward has no event for, by what it is.
    """

    source: str
    zone: tzinfo
    backfill: bool = True
    skipped: Counter[str] = field(default_factory=Counter)
    _moment: tuple[str, int] = ("", 0)
    _alike: Counter[str] = field(default_factory=Counter)

    def tell(  # the other fields depend on the event's type
        self,
        kind: type[E],
        *,
        id: str,
        group: str,
        member: str,
        time: int,
        **data: Any,  # noqa: ANN401
    ) -> E:
        """Return an event. Ids that ingest would not take are replaced by derived ones."""
        for name, value in data.items():
            if value.__class__ is str:
                data[name] = _text(value, name) if name in _TEXTS else key(value)
        return kind(
            id=key(id),
            source=self.source,
            tenant=_NO_TENANT,
            group=GroupId(key(group)),
            member=MemberId(key(member)),
            time=Millis(time),
            backfill=self.backfill,
            **data,
        )

    def skip(self, what: str) -> None:
        """Count something that is not told."""
        self.skipped[what] += 1

    def name(self, group: str, time: int, *parts: str) -> str:
        """Return the id of a line that has none: its content, and which of several alike it is.

        So the same line has the same id in every export that holds it.
        """
        if self._moment != (group, time):
            self._moment = group, time
            self._alike.clear()
        content = derive_id(group, str(time), *parts)
        self._alike[content] += 1
        number = self._alike[content]
        return content if number == 1 else derive_id(content, str(number))

    def local(self, moment: datetime) -> int:
        """Return a moment in ms; one without a zone is in the export's zone."""
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        return int(moment.timestamp() * 1000)

    def iso(self, written: str) -> int:
        """Return an ISO 8601 moment in ms. Raises `ValueError`."""
        return self.local(datetime.fromisoformat(written))


def key(id: str) -> str:
    """Return an id that ingest takes: this one, or one derived from it."""
    if 0 < len(id) <= LONGEST_ID and (id.isalnum() or not _CONTROL.search(id)):
        return id if id.isascii() else id.encode(errors="replace").decode()
    return derive_id(id)


def keys(ids: Iterable[str]) -> list[str]:
    """Return several ids that ingest takes, each once."""
    return list(dict.fromkeys(key(id) for id in ids))


def _text(text: str, name: str) -> str:
    most = LONGEST_TEXT if name == "text" else LONGEST_ID
    if len(text) > most:
        text = text[:most]
    if text.isascii():
        return text
    raw = text.encode(errors="replace")
    return raw[:MOST_TEXT_BYTES].decode(errors="ignore")
