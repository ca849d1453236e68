"""Who talks to whom in a group: a graph of bounded size, folded from what was said.

What was said last is kept as it came, in order of time; only what is older than
that is folded into edges. So it does not matter in which order the latest
messages came, and one that turns out to be spam is taken out as if never said.
What comes later than that, or is taken back later, changes the edges to those it
names, but nothing that was inferred from who spoke after whom.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.calendar import DAY
from services.scoring.erasure.tombstones import Tombstones, erased_until, with_tombstone
from shared.events import GroupId, TenantId

MOST_RECENT: Final = 96
"""So many utterances are kept as they came; then the older half is folded."""
MOST_EDGES: Final = 2_000
KEPT_EDGES: Final = 1_600
"""When there are more than `MOST_EDGES`, so many of the heaviest are kept."""
HALF_LIFE: Final = 30
"""Days after which an exchange weighs half."""
TURN: Final = 5 * 60_000
"""Who speaks within this time (ms) after another, naming nobody, is taken to answer."""
UNIT: Final = 1 << 16
REPLY, MENTION, REACTION, FOLLOWED = 4, 3, 2, 1
"""What an exchange weighs: three that a platform tells of, and one inferred."""


class Utterance(Struct, frozen=True, array_like=True, gc=False):
    """Something said or reacted to at `time` (ms), by whom and to whom.

    `to` and `weights` belong together; `speaks` is false for a reaction; `against`
    tells of disagreement; `counts` is how often it counts, 0 when it is spam.
    """

    time: int
    id: str
    member: str
    to: list[str] = []
    weights: list[int] = []
    speaks: bool = True
    against: bool = False
    counts: int = 1


class Edge(Struct, frozen=True, array_like=True, gc=False):
    """How much one member said to another, and how much of it in disagreement.

    Both are masses as of the graph's `period`, `UNIT` for a weight of 1 on its first day.
    """

    speaker: str
    to: str
    mass: int
    against: int = 0


class TalkGraph(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A group's edges as of a `period` of 30 days, and what was said last.

    `folded_until` is the time (ms) of the last utterance that is in the edges,
    `turn` who spoke then, and who spoke before them. `erased` keeps out what was
    said by or to members who were erased since (`erasure.tombstones`).
    """

    tenant: TenantId
    group: GroupId
    period: int = 0
    edges: list[Edge] = []
    recent: list[Utterance] = []
    folded_until: int = 0
    turn: list[tuple[int, str]] = []
    erased: Tombstones = {}


Masses = dict[tuple[str, str], list[int]]


def said(graph: TalkGraph, utterance: Utterance, sign: int) -> TalkGraph:
    """Return the graph with an utterance counted (1), or taken back (-1)."""
    if graph.erased and any(
        utterance.time <= erased_until(graph.erased, graph.tenant, member)
        for member in (utterance.member, *utterance.to)
    ):
        return graph
    if utterance.time <= graph.folded_until:
        return _told_late(graph, utterance, sign)
    recent = graph.recent.copy()
    at = bisect_left(recent, (utterance.time, utterance.id), key=lambda one: (one.time, one.id))
    if at < len(recent) and recent[at].id == utterance.id:
        counts = recent[at].counts + sign
        recent[at] = replace(recent[at], counts=counts)
    else:
        insort(recent, replace(utterance, counts=sign), key=lambda one: (one.time, one.id))
    known = replace(graph, recent=recent)
    return settled(known, MOST_RECENT // 2) if len(recent) > MOST_RECENT else known


def without(graph: TalkGraph, member: str, until: int) -> TalkGraph:
    """Return the graph without a member, of whom all up to `until` (ms) is to be forgotten."""
    return replace(
        graph,
        erased=with_tombstone(graph.erased, graph.tenant, member, until),
        edges=[edge for edge in graph.edges if member not in (edge.speaker, edge.to)],
        recent=[one for one in graph.recent if member != one.member and member not in one.to],
        turn=[each for each in graph.turn if each[1] != member],
    )


def settled(graph: TalkGraph, keep: int = 0) -> TalkGraph:
    """Return the graph with all but the latest `keep` utterances folded into the edges."""
    folding = graph.recent[: len(graph.recent) - keep]
    if not folding:
        return graph
    masses, turn = _masses(graph), list(graph.turn)
    period = max(graph.period, _period(folding[-1].time))
    _age(masses, period - graph.period if graph.edges else 0)
    for one in folding:
        if one.counts > 0:
            for to, weight in _addressed(one, turn):
                _add(masses, one, to, weight, period)
            if one.speaks:
                turn = [*(each for each in turn if each[1] != one.member), (one.time, one.member)]
                turn = turn[-2:]
    return replace(
        graph,
        period=period,
        edges=_kept(masses),
        recent=graph.recent[len(graph.recent) - keep :] if keep else [],
        folded_until=folding[-1].time,
        turn=turn,
    )


def weights(graph: TalkGraph, at: int) -> list[tuple[str, str, float, float]]:
    """Return speaker, addressee, weight and weight in disagreement of each edge, as of `at` (ms).

    What was said last counts too; edges come in order of their names.
    """
    whole = settled(graph)
    day = max(at // DAY, whole.folded_until // DAY)
    worth = 2.0 ** (whole.period - day / HALF_LIFE) / UNIT
    return [
        (edge.speaker, edge.to, edge.mass * worth, edge.against * worth) for edge in whole.edges
    ]


def _told_late(graph: TalkGraph, utterance: Utterance, sign: int) -> TalkGraph:
    masses = _masses(graph)
    for to, weight in zip(utterance.to, utterance.weights, strict=True):
        _add(masses, utterance, to, sign * weight, graph.period)
    return replace(graph, edges=_kept(masses))


def _addressed(one: Utterance, turn: Sequence[tuple[int, str]]) -> Iterator[tuple[str, int]]:
    """Yield to whom it was said: those named, or else who spoke just before."""
    if one.to or not one.speaks:
        yield from zip(one.to, one.weights, strict=True)
        return
    for time, member in reversed(turn):
        if member != one.member:
            if one.time - time <= TURN:
                yield member, FOLLOWED
            return


def _add(masses: Masses, one: Utterance, to: str, weight: int, period: int) -> None:
    day = one.time // DAY
    mass = round(weight * UNIT * 2 ** (day % HALF_LIFE / HALF_LIFE))
    mass = mass >> (period - _period(one.time)) if mass >= 0 else -(-mass >> (period - day // 30))
    edge = masses.setdefault((one.member, to), [0, 0])
    edge[0] += mass
    if one.against:
        edge[1] += mass


def _masses(graph: TalkGraph) -> Masses:
    return {(edge.speaker, edge.to): [edge.mass, edge.against] for edge in graph.edges}


def _age(masses: Masses, periods: int) -> None:
    if periods:
        for edge in masses.values():
            edge[0] >>= periods
            edge[1] >>= periods


def _kept(masses: Masses) -> list[Edge]:
    known = [(names, mass) for names, mass in masses.items() if mass[0] > 0]
    if len(known) > MOST_EDGES:
        known = sorted(known, key=lambda edge: (-edge[1][0], edge[0]))[:KEPT_EDGES]
    return [Edge(*names, mass[0], max(0, mass[1])) for names, mass in sorted(known)]


def _period(time: int) -> int:
    return time // DAY // HALF_LIFE
