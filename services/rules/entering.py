"""Which windows an event enters, worked out once for all events that look alike."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import product
from operator import itemgetter
from typing import Final, NamedTuple

from msgspec import Struct

from services.rules.windows import MARKED, Entry, Facet, Facets, Window
from services.rules.written import fingerprint
from shared.condition_types import Signals
from shared.conditions import Conditions


class Entries(Struct, frozen=True, gc=False):
    """An event's part in windows: those in memory, and those whose series are documents."""

    short: Sequence[Entry] = ()
    durable: Sequence[Entry] = ()
    several: bool = False
    """Whether the event may have several parts in one window, as it names several contacts."""

    def in_memory(self) -> Entries:
        """Return these without those whose series are documents."""
        return Entries(self.short, (), self.several)

    def union(self, other: Entries) -> Entries:
        """Return these and others, each part once."""
        return Entries(
            _each(self.short, other.short),
            _each(self.durable, other.durable),
            self.several or other.several,
        )


NOTHING: Final = Entries()


class _Place(NamedTuple):
    """One window that events of one look enter, and what of them it takes."""

    window: Window
    series: str
    kept_by: Callable[[Facets], object]
    counted: Callable[[Facets], str] | None
    """What is counted, unless it is the same for all."""
    value: str


class _Plan(NamedTuple):
    short: list[_Place]
    durable: list[_Place]


class Entering:
    """The windows of one pack that events of one kind may enter."""

    def __init__(
        self, windows: Sequence[Window], shares: Sequence[str], conditions: Conditions | None
    ) -> None:
        """Take the windows, and the names of those among them that are shares.

        `conditions` are those of the windows, then those of the shares.
        """
        self._windows = windows
        self._shares = shares
        self._conditions = conditions
        self._plans: dict[tuple[object, ...], _Plan] = {}

    def entries(self, group: str, facets: Facets, *signals: Signals) -> Entries:
        """Return what an event with these facets and signals adds to the windows."""
        if self._conditions is None:
            return NOTHING
        held = self._conditions.holding(*signals)
        look = (held, *facets)
        plan = self._plans.get(look)
        if plan is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            plan = self._plans[look] = self._plan(held, facets)
        short = [
            Entry(
                window,
                hash((series, group, kept_by(facets))),
                counted(facets) if counted else value,
            )
            for window, series, kept_by, counted, value in plan.short
        ]
        if not plan.durable:
            return Entries(short)
        return Entries(short, [_durable(place, group, facets) for place in plan.durable])

    def entries_of_several(
        self,
        group: str,
        facets: Facets,
        several: Mapping[Facet, Sequence[str]],
        *signals: Signals,
    ) -> Entries:
        """Return the same of an event that has `several` values of some facets."""
        found = Entries(several=True)
        for choice in product(*several.values()):
            chosen = {**facets, **dict(zip(several, choice, strict=True))}
            found = found.union(self.entries(group, chosen, *signals))
        return found

    def _plan(self, held: Sequence[int], facets: Facets) -> _Plan:
        count = len(self._windows)
        marked = {self._shares[i - count] for i in held if i >= count}
        windows = (self._windows[i] for i in held if i < count)
        entered = [_place(each, marked) for each in windows if _has(facets, each)]
        durable = [place for place in entered if place.window.durable]
        return _Plan([place for place in entered if not place.window.durable], durable)


_MOST_PLANS: Final = 1_000


def _place(window: Window, marked: Container[str]) -> _Place:
    value = MARKED if window.share and window.name in marked else ""
    series = window.series or window.name
    counted = _COUNTED.get(window.unique, itemgetter(window.unique)) if window.unique else None
    return _Place(window, series, itemgetter(*window.by), counted, value)


def _text(facets: Facets) -> str:
    """Return what a text is known by where it may be kept: in all processes the same."""
    return fingerprint("text", facets[Facet.TEXT])


_COUNTED: Final[dict[Facet, Callable[[Facets], str]]] = {Facet.TEXT: _text}


def _durable(place: _Place, group: str, facets: Facets) -> Entry:
    """Return an event's part in a window whose series are documents, named by all of its key."""
    window = place.window
    own = [_NAMED.get(facet, itemgetter(facet))(facets) for facet in window.by]
    key = (place.series, *own) if window.across_groups else (place.series, group, *own)
    return Entry(window, key, place.counted(facets) if place.counted else place.value)


_NAMED: Final[dict[Facet, Callable[[Facets], str]]] = {**_COUNTED, Facet.GROUP: lambda _: ""}


def _has(facets: Facets, window: Window) -> bool:
    """Whether an event has what a window is kept by, and what it counts."""
    counted = window.unique is None or window.unique in facets
    return counted and all(facet in facets for facet in window.by)


def _each(some: Iterable[Entry], more: Iterable[Entry]) -> Sequence[Entry]:
    return list({(entry.key, entry.value): entry for entry in (*some, *more)}.values())


def by_series(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Sequence[str]]]:
    """Yield for each series a part in it, and the values of the event's other parts in it."""
    parts: dict[object, list[Entry]] = {}
    for entry in entries:
        parts.setdefault(entry.key, []).append(entry)
    for first, *others in parts.values():
        yield first, [other.value for other in others]
