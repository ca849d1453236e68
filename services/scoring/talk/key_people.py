"""The four or five people whom a group's talk goes to and through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import rustworkx

LEAST: Final = 4
MOST: Final = 5
CLOSE: Final = 0.75
"""The fifth is named who has this share of what the fourth has."""
ADDRESSED_WEIGHT: Final = 0.7
BETWEEN_WEIGHT: Final = 0.3
DAMPING: Final = 0.85

WeightedEdge = tuple[str, str, float, float]


@dataclass(frozen=True, slots=True)
class KeyPerson:
    """A member, and what makes them matter; each figure is relative to the group's highest.

    `addressed` is PageRank: being talked to by those who are talked to. `between`
    is betweenness: on how many shortest ways between others they lie.
    """

    member: str
    score: float
    addressed: float
    between: float
    partners: int


def key_people(edges: Sequence[WeightedEdge]) -> list[KeyPerson]:
    """Return the key people of a graph, the first before all others; fewer in a small graph.

    PageRank: Brin and Page 1998; betweenness: Brandes 2001, over unweighted ways
    in either direction.
    """
    names = sorted({name for edge in edges for name in edge[:2]})
    if len(names) < 2:
        return []
    place = {name: at for at, name in enumerate(names)}
    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from([(place[a], place[b], weight) for a, b, weight, _ in edges])
    ranks = rustworkx.pagerank(graph, alpha=DAMPING, weight_fn=float)
    both_ways = graph.to_undirected(multigraph=False)
    between = rustworkx.betweenness_centrality(both_ways)
    most_rank = max(ranks.values())
    most_between = max(between.values()) or 1.0
    people = [
        KeyPerson(
            name,
            ADDRESSED_WEIGHT * ranks[at] / most_rank + BETWEEN_WEIGHT * between[at] / most_between,
            ranks[at] / most_rank,
            between[at] / most_between,
            both_ways.degree(at),
        )
        for at, name in enumerate(names)
    ]
    people.sort(key=lambda person: (-person.score, person.member))
    fifth = people[LEAST:MOST]
    close = bool(fifth) and fifth[0].score >= CLOSE * people[LEAST - 1].score
    return people[: MOST if close else LEAST]
