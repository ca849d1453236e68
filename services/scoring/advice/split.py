"""Whether a large group is two in truth, which two, and what parting them would cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import product
from typing import Final

from msgspec import Struct

from services.scoring.advice.communities import Graph, chance, communities, modularity

LARGE: Final = 100
"""Members from which on a group may be split."""
LEAST_TALKERS: Final = 12
"""People who talk that each half must have to live on."""
LEAST_SHARE: Final = 0.25
"""The share of those who talk that the smaller half must have."""
LEAST_MODULARITY: Final = 0.3
"""Newman and Girvan 2004: real communities lie between 0.3 and 0.7."""
ABOVE_CHANCE: Final = 1.2
MOST_CUT: Final = 0.15
"""The share of talk between the halves from which on they belong together."""
_MOST_PARTS: Final = 10
_BRIDGES: Final = 10

Edge = tuple[str, str, float, float]


class Reason(StrEnum):
    """Why a group should be split, or not."""

    APART = "apart"
    SMALL = "small"
    FEW_TALKERS = "few_talkers"
    ONE_COMMUNITY = "one_community"
    NO_TWO_HALVES = "no_two_halves"


class Half(Struct, frozen=True):
    """One of two proposed groups: who talks in it, and which share of their talk stays.

    `expected_talk` is the share of all of the group's talk that would go on here.
    """

    members: list[str]
    kept: float
    expected_talk: float


class Bridge(Struct, frozen=True):
    """Two who talk with each other and would be parted; `share` is of all talk."""

    one: str
    other: str
    share: float


class SplitAdvice(Struct, frozen=True):
    """What is advised and why; `halves` and `bridges` only where two are found."""

    reason: Reason
    talkers: int
    communities: int
    modularity: float
    needed: float
    lost: float = 0.0
    halves: list[Half] = []
    bridges: list[Bridge] = []

    @property
    def advised(self) -> bool:
        """Whether the group should be split."""
        return self.reason is Reason.APART


def split_advice(edges: Iterable[Edge], members: int) -> SplitAdvice:
    """Return whether a group of so many members should be split, by who talks to whom."""
    graph = undirected(edges)
    if members < LARGE or len(graph) < 2 * LEAST_TALKERS:
        reason = Reason.SMALL if members < LARGE else Reason.FEW_TALKERS
        return SplitAdvice(reason, len(graph), 0, 0.0, 0.0)
    parts = communities(graph)
    found, needed = modularity(graph, parts), max(LEAST_MODULARITY, ABOVE_CHANCE * chance(graph))
    figures = (len(graph), len(parts), round(found, 4), round(needed, 4))
    if found < needed or len(parts) < 2:
        return SplitAdvice(Reason.ONE_COMMUNITY, *figures)
    halves = _halves(graph, parts)
    if halves is None:
        return SplitAdvice(Reason.NO_TWO_HALVES, *figures)
    lost = _between(graph, *halves) / _whole(graph)
    told = [_half(graph, half) for half in halves]
    bridges = _bridges(graph, *halves)
    return SplitAdvice(Reason.APART, *figures, lost=round(lost, 4), halves=told, bridges=bridges)


def undirected(edges: Iterable[Edge]) -> Graph:
    """Return who talks with whom, whoever began."""
    graph: dict[str, dict[str, float]] = defaultdict(dict)
    for one, other, weight, _ in edges:
        if one != other and weight > 0:
            graph[one][other] = graph[one].get(other, 0.0) + weight
            graph[other][one] = graph[other].get(one, 0.0) + weight
    return graph


def _halves(graph: Graph, parts: Sequence[set[str]]) -> tuple[set[str], set[str]] | None:
    """Return the two halves made of whole communities with least talk between them, if fit."""
    parts = _fewer(graph, list(parts))
    best: tuple[float, set[str], set[str]] | None = None
    for sides in product((False, True), repeat=len(parts) - 1):
        one = set(parts[0]).union(
            *(part for part, side in zip(parts[1:], sides, strict=True) if not side)
        )
        other = set(graph) - one
        smaller = min(len(one), len(other))
        if smaller < max(LEAST_TALKERS, LEAST_SHARE * len(graph)):
            continue
        cut = _between(graph, one, other) / _whole(graph)
        if cut <= MOST_CUT and (best is None or cut < best[0]):
            best = (cut, one, other)
    return None if best is None else best[1:]


def _fewer(graph: Graph, parts: list[set[str]]) -> list[set[str]]:
    """Join the smallest community to the one it talks with most, until there are few."""
    while len(parts) > _MOST_PARTS:
        smallest = min(parts, key=lambda part: (len(part), min(part)))
        parts.remove(smallest)
        nearest = max(parts, key=lambda part: (_between(graph, smallest, part), min(part)))
        nearest |= smallest
    return parts


def _half(graph: Graph, half: set[str]) -> Half:
    inside = _between(graph, half, half)
    touching = sum(sum(graph[node].values()) for node in half)
    return Half(
        members=sorted(half),
        kept=round(inside / touching, 4),
        expected_talk=round(inside / (2 * _whole(graph)), 4),
    )


def _bridges(graph: Graph, one: set[str], other: set[str]) -> list[Bridge]:
    whole = _whole(graph)
    pairs = [
        (weight, node, near)
        for node in one
        for near, weight in graph[node].items()
        if near in other
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    return [Bridge(a, b, round(weight / whole, 4)) for weight, a, b in pairs[:_BRIDGES]]


def _between(graph: Graph, one: set[str], other: set[str]) -> float:
    return sum(graph[node][near] for node in sorted(one) for near in graph[node].keys() & other)


def _whole(graph: Graph) -> float:
    return sum(sum(near.values()) for near in graph.values()) / 2
