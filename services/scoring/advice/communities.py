"""Communities of a graph: who talk more with each other than chance would have it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

Graph = Mapping[str, Mapping[str, float]]
"""An undirected graph: each node's neighbours with the edge's weight; no edges to oneself."""

_LEAST_GAIN: Final = 1e-9


def communities(graph: Graph) -> list[set[str]]:
    """Return the communities of a graph, the largest first (Louvain, Blondel et al. 2008).

    Nodes are visited by name, so that the same graph always gives the same.
    """
    groups = [{node} for node in sorted(graph)]
    while True:
        found = _one_level(_joined(graph, groups))
        if len(found) == len(groups):
            break
        groups = [set().union(*(groups[number] for number in numbers)) for numbers in found]
    return sorted(groups, key=lambda group: (-len(group), min(group)))


def modularity(graph: Graph, groups: list[set[str]]) -> float:
    """Return the modularity of a partition (Newman 2004): 0 by chance, towards 1 apart."""
    whole = sum(sum(near.values()) for near in graph.values())
    if not whole:
        return 0.0
    found = 0.0
    for group in groups:
        inside = sum(graph[node][other] for node in group for other in graph[node].keys() & group)
        touching = sum(sum(graph[node].values()) for node in group)
        found += inside / whole - (touching / whole) ** 2
    return found


def chance(graph: Graph) -> float:
    """Return the modularity that a random graph of as many nodes and edges would have.

    0.97 / √(mean degree), for sparse random graphs (Reichardt and Bornholdt 2006): few
    edges fall into clusters by chance alone, which a fixed threshold would take for real.
    """
    edges = sum(len(near) for near in graph.values())
    return 1.0 if not edges else min(1.0, 0.97 / (edges / len(graph)) ** 0.5)


def _joined(graph: Graph, groups: list[set[str]]) -> list[dict[int, float]]:
    """Return the graph between groups; a group's edge to itself has its inner weight twice."""
    place = {node: number for number, group in enumerate(groups) for node in group}
    joined: list[dict[int, float]] = [defaultdict(float) for _ in groups]
    for node in sorted(graph):
        for other in sorted(graph[node]):
            joined[place[node]][place[other]] += graph[node][other]
    return joined


def _one_level(graph: list[dict[int, float]]) -> list[list[int]]:
    """Move nodes to the neighbouring community that gains most, until none gains."""
    degrees = [sum(near.values()) for near in graph]
    whole = sum(degrees) or 1.0
    home = list(range(len(graph)))
    totals = degrees.copy()
    moved = True
    while moved:
        moved = False
        for node, near in enumerate(graph):
            towards: dict[int, float] = defaultdict(float)
            for other, weight in near.items():
                if other != node:
                    towards[home[other]] += weight
            old = home[node]
            totals[old] -= degrees[node]
            best, most = old, towards[old] - totals[old] * degrees[node] / whole
            for candidate in sorted(towards):
                gain = towards[candidate] - totals[candidate] * degrees[node] / whole
                if gain > most + _LEAST_GAIN:
                    best, most = candidate, gain
            totals[best] += degrees[node]
            home[node] = best
            moved = moved or best != old
    found: dict[int, list[int]] = defaultdict(list)
    for node, place in enumerate(home):
        found[place].append(node)
    return list(found.values())
