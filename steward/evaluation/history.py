"""What was written in a community, read from activity files: `ts user stream topic chars`."""

from __future__ import annotations

import gzip
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from shared.events import GroupId, MemberId, MessageId, MessagePosted, Millis, TenantId

TENANT: Final = TenantId("evaluation")
COLUMNS: Final = ("ts", "user", "stream", "topic", "chars")
_FILLER: Final = "lorem ipsum " * 1_667
"""Stands for texts, of which only the length is known; as long as a text may be."""


class Wrote(NamedTuple):
    """A message: when (s since the epoch), who, in which group, of how many characters."""

    time: int
    member: str
    group: str
    chars: int

    def event(self, number: int) -> MessagePosted:
        """Return the event that a platform would have sent."""
        return MessagePosted(
            id=str(number),
            source="activity",
            tenant=TENANT,
            group=GroupId(self.group),
            member=MemberId(self.member),
            time=Millis(self.time * 1000),
            message=MessageId(str(number)),
            text=_FILLER[: self.chars],
        )


class MalformedError(ValueError):
    """A line of an activity file is not what it should be."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"{path}:{line}: not `{' '.join(COLUMNS)}`, separated by tabs")


class History:
    """All messages in order of time, and who wrote when. Times are in s since the epoch."""

    def __init__(self, messages: Sequence[Wrote]) -> None:
        self.messages = sorted(messages)
        self._by_member: dict[str, list[int]] = defaultdict(list)
        self._by_group: dict[str, list[int]] = defaultdict(list)
        for message in self.messages:
            self._by_member[message.member].append(message.time)
            self._by_group[message.group].append(message.time)

    @property
    def first(self) -> int:
        """When the first message was written."""
        return self.messages[0].time

    @property
    def last(self) -> int:
        """When the last message was written: what came later is not known."""
        return self.messages[-1].time

    def members(self, since: int, until: int) -> list[str]:
        """Return who wrote from `since` to before `until`."""
        return [who for who, times in self._by_member.items() if _any(times, since, until)]

    def groups(self, since: int, until: int, known_before: int) -> list[str]:
        """Return the groups written in from `since` to before `until` that began earlier."""
        return [
            group
            for group, times in self._by_group.items()
            if times[0] <= known_before and _any(times, since, until)
        ]

    def member_wrote(self, member: str, since: int, until: int) -> bool:
        """Whether the member wrote from `since` to before `until`."""
        return _any(self._by_member[member], since, until)

    def group_talked(self, group: str, since: int, until: int) -> bool:
        """Whether anybody wrote in the group from `since` to before `until`."""
        return _any(self._by_group[group], since, until)


def read(paths: Sequence[Path]) -> History:
    """Read activity files, gzipped (.gz) or not.

    Raises `MalformedError` for a line that does not fit, and `OSError`.
    """
    messages = [message for path in paths for message in _messages(path)]
    if not messages:
        raise ValueError("no message in these files")
    return History(messages)


def _messages(path: Path) -> Iterator[Wrote]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for number, line in enumerate(lines, 1):
            cells = line.rstrip("\n").split("\t")
            if number == 1 and tuple(cells) == COLUMNS:
                continue
            try:
                time, member, group, _, chars = cells
                yield Wrote(int(time), member, group, int(chars))
            except ValueError as error:
                raise MalformedError(path, number) from error


def _any(times: list[int], since: int, until: int) -> bool:
    at = bisect_left(times, since)
    return at < len(times) and times[at] < until
