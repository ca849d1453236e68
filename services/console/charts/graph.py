"""Who talks to whom: people as dots, the talk between them as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Final

import rustworkx
from markupsafe import Markup

from services.console.charts.svg import drawing, element

_WIDTH: Final = 640.0
_HEIGHT: Final = 380.0
_MARGIN: Final = 26.0
_SEED: Final = 7
"""The same talk is always drawn alike."""
_ROUNDS: Final = 120
COLOURS: Final = 5


def graph(
    title: str,
    lines: Sequence[tuple[str, str, float]],
    named: Set[str] = frozenset(),
    parts: Mapping[str, int] | None = None,
) -> Markup:
    """Return the picture of a graph.

    Laid out by forces (Fruchterman and Reingold 1991); who has no way to the
    others is left out. `named` are the people
    who are drawn large, with their names; `parts` tells people's colours.
    """
    lines = _together(lines)
    people = sorted({member for one, other, _ in lines for member in (one, other)})
    places = _places(people, lines)
    most = max((weight for *_, weight in lines), default=1.0)
    drawn = [_line(places[one], places[other], weight / most) for one, other, weight in lines]
    drawn += [
        part
        for member in people
        for part in _dot(
            member, places[member], (parts or {}).get(member, 0) % COLOURS, is_named=member in named
        )
    ]
    return drawing(_WIDTH, _HEIGHT, title, drawn)


def _together(lines: Sequence[tuple[str, str, float]]) -> list[tuple[str, str, float]]:
    """Return the lines among the most people who are all connected."""
    network: rustworkx.PyGraph[str, float] = rustworkx.PyGraph()
    numbers: dict[str, int] = {}
    for one, other, _ in lines:
        for member in (one, other):
            if member not in numbers:
                numbers[member] = network.add_node(member)
        network.add_edge(numbers[one], numbers[other], 1.0)
    largest = max(rustworkx.connected_components(network), key=len, default=set())
    return [line for line in lines if numbers[line[0]] in largest]


def _places(
    people: Sequence[str], lines: Sequence[tuple[str, str, float]]
) -> dict[str, tuple[float, float]]:
    if not people:
        return {}
    network: rustworkx.PyGraph[str, float] = rustworkx.PyGraph()
    numbers = dict(zip(people, network.add_nodes_from(people), strict=True))
    network.add_edges_from([(numbers[one], numbers[other], weight) for one, other, weight in lines])
    found = rustworkx.spring_layout(
        network, seed=_SEED, num_iter=_ROUNDS, weight_fn=lambda weight: weight
    )
    spots = {member: found[numbers[member]] for member in people}
    across = _spread([spot[0] for spot in spots.values()], _WIDTH)
    down = _spread([spot[1] for spot in spots.values()], _HEIGHT)
    return {member: (x, y) for member, x, y in zip(spots, across, down, strict=True)}


def _spread(values: Sequence[float], size: float) -> list[float]:
    low, high = min(values), max(values)
    if high - low < 1e-9:
        return [size / 2] * len(values)
    span = size - 2 * _MARGIN
    return [_MARGIN + span * (value - low) / (high - low) for value in values]


def _line(one: tuple[float, float], other: tuple[float, float], share: float) -> Markup:
    return element(
        "line",
        x1=one[0],
        y1=one[1],
        x2=other[0],
        y2=other[1],
        stroke_width=round(0.5 + 3 * share, 2),
        stroke_opacity=round(0.25 + 0.6 * share, 2),
        class_="link",
    )


def _dot(member: str, at: tuple[float, float], colour: int, *, is_named: bool) -> list[Markup]:
    x, y = at
    hint = element("title", member)
    radius = 9 if is_named else 4.5
    dot = element("circle", hint, cx=x, cy=y, r=radius, class_=f"node-{colour}")
    if not is_named:
        return [dot]
    return [
        dot,
        element("text", member, x=x, y=y - 13, text_anchor="middle", class_="strong node-name"),
    ]
