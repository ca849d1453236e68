"""Reactions that an export keeps apart from the messages that they are about."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple


class Reaction(NamedTuple):
    """Who reacted, and with what."""

    user: int
    emoji: str


class Reactions:
    """All reactions of an export by message, 28 bytes each: there may be millions."""

    def __init__(self) -> None:
        self._messages, self._users, self._emojis = array("q"), array("q"), array("i")
        self._numbers: dict[str, int] = {}
        self._order = array("q")

    def add(self, message: int, user: int, emoji: str) -> None:
        """Take one in."""
        self._messages.append(message)
        self._users.append(user)
        self._emojis.append(self._numbers.setdefault(emoji, len(self._numbers)))

    def sort(self) -> None:
        """Make ready for `of` once all are in."""
        rows = range(len(self._messages))
        self._order = array("q", sorted(rows, key=self._messages.__getitem__))
        self._names = list(self._numbers)

    def of(self, message: int) -> Iterator[Reaction]:
        """Yield a message's reactions in the order in which they were added."""
        at = bisect_left(self._order, message, key=self._messages.__getitem__)
        while at < len(self._order) and self._messages[row := self._order[at]] == message:
            yield Reaction(self._users[row], self._names[self._emojis[row]])
            at += 1
