"""A group is split only where its talk falls into two by itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.advice.communities import chance, communities, modularity
from services.scoring.advice.split import (
    LEAST_SHARE,
    Edge,
    Reason,
    SplitAdvice,
    split_advice,
    undirected,
)

MEMBERS = 300


def circle(prefix: str, people: int, weight: float = 4.0) -> Iterator[Edge]:
    """People of whom everybody talks with three out of four others."""
    for one, other in combinations(range(people), 2):
        if (one * 7 + other * 3) % 4:
            yield f"{prefix}{one:02d}", f"{prefix}{other:02d}", weight, 0.0


def crossing(count: int, weight: float = 1.0) -> Iterator[Edge]:
    for number in range(count):
        yield f"a{number % 15:02d}", f"b{(number * 7) % 15:02d}", weight, 0.0


def test_two_circles_that_hardly_talk_are_two_groups() -> None:
    advice = split_advice([*circle("a", 15), *circle("b", 15), *crossing(6)], MEMBERS)
    assert advice.advised
    assert [{name[0] for name in half.members} for half in advice.halves] == [{"a"}, {"b"}]
    assert advice.lost == pytest.approx(6 / (6 + 4 * 2 * len(list(circle("a", 15)))), abs=1e-4)
    assert len(advice.bridges) == 6
    assert {(each.one[0], each.other[0]) for each in advice.bridges} == {("a", "b")}
    assert all(half.kept > 0.98 for half in advice.halves)
    assert sum(half.expected_talk for half in advice.halves) + advice.lost == pytest.approx(
        1, abs=1e-3
    )


def test_one_circle_is_one_group_however_large() -> None:
    advice = split_advice(circle("a", 40), MEMBERS)
    assert (advice.advised, advice.reason) == (False, Reason.ONE_COMMUNITY)
    assert advice.halves == []


def test_two_circles_with_much_between_them_stay_together() -> None:
    edges = [*circle("a", 15), *circle("b", 15), *crossing(225, 3.0)]
    assert not split_advice(edges, MEMBERS).advised


def test_a_large_circle_and_a_handful_are_no_two_halves() -> None:
    edges = [*circle("a", 20), *circle("b", 8), *circle("c", 5), ("a00", "b00", 1.0, 0.0)]
    assert split_advice(edges, MEMBERS).reason is Reason.ONE_COMMUNITY or (
        split_advice(edges, MEMBERS).reason is Reason.NO_TWO_HALVES
    )


@pytest.mark.parametrize(
    ("people", "members", "reason"),
    [(15, 60, Reason.SMALL), (6, MEMBERS, Reason.FEW_TALKERS)],
)
def test_small_groups_are_left_alone(people: int, members: int, reason: Reason) -> None:
    edges = [*circle("a", people), *circle("b", people)]
    assert split_advice(edges, members).reason is reason


def test_sparse_talk_falls_into_clusters_by_chance_and_is_not_split() -> None:
    around = [(f"p{n:02d}", f"p{(n + 1) % 40:02d}", 1.0, 0.0) for n in range(40)]
    advice = split_advice(around, MEMBERS)
    assert advice.modularity > 0.3, "a ring looks like communities"
    assert advice.reason is Reason.ONE_COMMUNITY, "but so does any graph with so few edges"


edge = st.tuples(
    st.integers(0, 30).map(str), st.integers(0, 30).map(str), st.floats(0.1, 9), st.just(0.0)
)


@settings(max_examples=80, deadline=None)
@given(st.lists(edge, min_size=1, max_size=120))
def test_communities_part_everybody_and_follow_from_the_talk_alone(
    edges: list[Edge],
) -> None:
    graph = undirected(edges)
    found = communities(graph)
    assert sorted(name for group in found for name in group) == sorted(graph)
    assert (
        modularity(graph, found)
        >= max(modularity(graph, [set(graph)]), modularity(graph, [{name} for name in graph]))
        - 1e-9
    )
    turned = [(other, one, weight, against) for one, other, weight, against in reversed(edges)]
    again = undirected(turned)
    assert modularity(again, communities(again)) == pytest.approx(modularity(graph, found))
    assert 0 <= chance(graph) <= 1


@settings(max_examples=60, deadline=None)
@given(st.lists(edge, max_size=150))
def test_advice_never_proposes_a_half_that_could_not_live(edges: list[Edge]) -> None:
    advice: SplitAdvice = split_advice(edges, MEMBERS)
    assert advice.advised == bool(advice.halves)
    for half in advice.halves:
        assert len(half.members) >= LEAST_SHARE * advice.talkers
