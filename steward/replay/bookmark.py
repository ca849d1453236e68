"""How far an export has been replayed, written down so that an interrupted run goes on there."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Self

import msgspec


class Bookmark(msgspec.Struct):
    """What of an export has been sent. Moments are in ms.

    Reading an export always gives the same events in the same order, so their
    number is enough to go on. At most the batch under way is sent again, and
    its events are known by their ids.
    """

    sent: int = 0
    accepted: int = 0
    rejected: int = 0
    first: int = 0
    last: int = 0
    done: bool = False

    def count(self, events: int, accepted: int, rejected: int) -> None:
        """Count a batch that ingest has answered."""
        self.sent += events
        self.accepted += accepted
        self.rejected += rejected

    def saw(self, time: int) -> None:
        """Widen the span of the history to an event's time."""
        self.first = min(self.first or time, time)
        self.last = max(self.last, time)


class Place:
    """Where the bookmark of one export and one target is kept."""

    def __init__(self, directory: Path, *parts: str) -> None:
        name = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
        self._path = directory / f"{name}.json"

    @classmethod
    def under(cls, data: Path, *, digest: str, url: str, key: str, told_as: str) -> Self:
        """Return the place for an export's digest, the URL and the key it is sent with."""
        return cls(data / "replay", digest, url, key, told_as)

    def read(self) -> Bookmark:
        """Return the bookmark; a new one where there is none that can be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Bookmark)
        except (FileNotFoundError, msgspec.DecodeError):
            return Bookmark()

    def write(self, bookmark: Bookmark) -> None:
        """Replace the bookmark as a whole, so that a kill leaves the old one or the new one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(bookmark))
        draft.replace(self._path)

    def forget(self) -> None:
        """Remove the bookmark."""
        self._path.unlink(missing_ok=True)
