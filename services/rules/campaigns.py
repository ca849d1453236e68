"""Campaigns: nearly the same text, a contact or a domain in several groups within minutes.

Which copies belong to one does not depend on the order in which they arrive.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, OrderedDict
from typing import Final

from msgspec import Struct

from shared.events import Millis
from shared.verdicts import Sighting

GROUPS: Final = 3
SPAN: Final = Millis(600_000)
MOST_COPIES: Final = 256
"""Copies remembered of one fingerprint; the oldest go first."""
MOST_FINGERPRINTS: Final = 20_000
RETENTION: Final = Millis(3_600_000)


class Spread(Struct, frozen=True):
    """What makes a campaign: so many different groups, within so many milliseconds."""

    groups: int = GROUPS
    span: Millis = SPAN


SHIPPED: Final = Spread()


class _Copy(Struct, frozen=True, order=True):
    time: Millis
    id: str
    sighting: Sighting


class Caught(Struct, frozen=True):
    """Copies found to be part of a campaign now, how far it has spread, and what it is called.

    `name` is a fingerprint that its copies have in common: of several, whichever
    partition looks, the same one as a rule, so that they make one incident. `charged`
    says that more speaks against it than that it was repeated: good wishes are, too.
    `again` are the copies among these that were caught before it was charged.
    """

    copies: list[Sighting]
    groups: int
    name: str
    charged: bool = True
    again: frozenset[str] = frozenset()


class Campaigns:
    """The sightings of one partition, by fingerprint; bounded, rebuilt from the log."""

    def __init__(self) -> None:
        self._copies: OrderedDict[str, list[_Copy]] = OrderedDict()
        self._caught: dict[str, dict[str, bool]] = {}
        """By fingerprint: which copies were caught, and whether as ones of a charged campaign."""
        self._names: dict[str, str] = {}

    def look(self, sighting: Sighting, spread: Spread = SHIPPED) -> Caught:
        """Return the copies that this sighting shows to be a campaign's; changes nothing.

        Copies returned by an earlier call that was followed by `fold` are left out, but
        once more when the campaign is charged for the first time.
        """
        copies = self._with(sighting)
        members, groups = _campaign(copies, sighting.time, spread)
        known = self._caught.get(sighting.key, {})
        charged = any(known.values()) or _is_charged(members, spread)
        new = [copy for copy in members if copy.id not in known or (charged and not known[copy.id])]
        name = (
            self._names.get(sighting.key) or _name(members, spread.groups) or sighting.fingerprint
        )
        again = frozenset(copy.id for copy in new if copy.id in known)
        return Caught([copy.sighting for copy in new], groups, name, charged, again)

    def fold(
        self, sighting: Sighting, spread: Spread = SHIPPED, caught: Caught | None = None
    ) -> None:
        """Take a sighting in; `caught` is what a look at it just returned, if there was one."""
        key = sighting.key
        caught = caught or self.look(sighting, spread)
        copies = self._with(sighting)
        oldest = copies[-1].time - RETENTION
        self._copies[key] = [copy for copy in copies if copy.time >= oldest][-MOST_COPIES:]
        self._copies.move_to_end(key)
        if caught.copies:
            told = dict.fromkeys((copy.id for copy in caught.copies), caught.charged)
            self._caught.setdefault(key, {}).update(told)
            self._names[key] = caught.name
        if key in self._caught:
            kept = {copy.id for copy in self._copies[key]}
            self._caught[key] = {id: how for id, how in self._caught[key].items() if id in kept}
        self._forget(sighting.time - RETENTION)

    def _forget(self, before: int) -> None:
        """Forget what was not seen since then, and of too much what was not for longest."""
        while self._copies:
            key, copies = next(iter(self._copies.items()))
            if len(self._copies) <= MOST_FINGERPRINTS and copies[-1].time >= before:
                return
            del self._copies[key]
            self._caught.pop(key, None)
            self._names.pop(key, None)

    def _with(self, sighting: Sighting) -> list[_Copy]:
        copies = list(self._copies.get(sighting.key, ()))
        if all(copy.id != sighting.id for copy in copies):
            insort(copies, _Copy(sighting.time, sighting.id, sighting))
        return copies


def _campaign(copies: list[_Copy], time: Millis, spread: Spread) -> tuple[list[_Copy], int]:
    """Return the copies of all spans that hold `time` and enough groups, and their groups."""
    near = [copy for copy in copies if abs(copy.time - time) <= spread.span]
    members: dict[str, _Copy] = {}
    groups: Counter[str] = Counter()
    start = added = 0
    for end, last in enumerate(near):
        groups[last.sighting.event.group] += 1
        while last.time - near[start].time > spread.span:
            _leave(groups, near[start].sighting.event.group)
            start += 1
        if len(groups) >= spread.groups:
            members.update({copy.id: copy for copy in near[max(start, added) : end + 1]})
            added = end + 1
    return list(members.values()), len({copy.sighting.event.group for copy in members.values()})


def _is_charged(members: list[_Copy], spread: Spread) -> bool:
    """Whether more speaks against a campaign than that it was repeated.

    A copy's own text, or a new writer; or that one member wrote it in twice as many
    groups as make a campaign.
    """
    groups: dict[str, set[str]] = {}
    for copy in members:
        seen = copy.sighting
        if seen.suspect or seen.acted is not None:
            return True
        groups.setdefault(seen.event.member, set()).add(seen.event.group)
    return any(len(where) >= 2 * spread.groups for where in groups.values())


def _name(members: list[_Copy], enough: int) -> str:
    """Return what copies are called: a contact or domain of enough of them, or their first text.

    Texts are called by the first copy's, because a copy that is like it may not
    be like the next.
    """
    groups: dict[str, set[str]] = {}
    for copy in members:
        seen = copy.sighting
        for fingerprint in (seen.fingerprint, *seen.also):
            groups.setdefault(fingerprint, set()).add(seen.event.group)
    firm = [each for each in groups if each.startswith(_FIRM) and len(groups[each]) >= enough]
    if firm or not members:
        return min(firm, default="")
    first = min(members).sighting
    return min(each for each in (first.fingerprint, *first.also) if not each.startswith(_FIRM))


_FIRM: Final = ("contact:", "domain:")


def _leave(groups: Counter[str], group: str) -> None:
    groups[group] -= 1
    if not groups[group]:
        del groups[group]
