from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring import decay
from services.scoring.rings import Ring

gifts = st.lists(st.tuples(st.integers(19_000, 19_300), st.integers(1, 100)), max_size=30)


def ring_of(given: list[tuple[int, int]], half_life: int = 30, anchor: int = 19_300) -> Ring:
    ring: Ring = []
    for day, points in given:
        ring = decay.add(ring, half_life, day, points, anchor)
    return ring


@pytest.mark.parametrize("half_life", decay.HALF_LIVES)
def test_points_are_worth_half_after_a_half_life(half_life: int) -> None:
    ring = ring_of([(19_000, 80)], half_life, anchor=19_000)
    assert decay.value(ring, half_life, 19_000) == pytest.approx(80, rel=1e-4)
    assert decay.value(ring, half_life, 19_000 + half_life) == pytest.approx(40, rel=1e-4)
    assert decay.value(ring, half_life, 19_000 + 3 * half_life) == pytest.approx(10, rel=1e-4)


@given(gifts)
def test_the_sum_is_what_the_formula_says(given: list[tuple[int, int]]) -> None:
    expected = sum(points * 2 ** ((day - 19_300) / 30) for day, points in given)
    assert decay.value(ring_of(given), 30, 19_300) == pytest.approx(expected, rel=1e-4)


@given(gifts, gifts)
def test_taking_back_restores_exactly_what_was_there(
    kept: list[tuple[int, int]], taken: list[tuple[int, int]]
) -> None:
    back = [(day, -points) for day, points in taken]
    assert ring_of([*back, *kept, *taken]) == ring_of(kept)


@given(st.lists(gifts, min_size=2, max_size=5), st.integers(19_300, 20_000))
def test_rank_orders_as_the_value_of_any_day_does(
    members: list[list[tuple[int, int]]], day: int
) -> None:
    rings = sorted((ring_of(given) for given in members), key=lambda ring: decay.rank(ring))
    values = [decay.value(ring, 30, day) for ring in rings]
    assert all(before <= after * (1 + 1e-9) for before, after in pairwise(values))


def test_rank_tells_the_value() -> None:
    ring = ring_of([(19_100, 50), (19_250, 7)])
    rank = decay.rank(ring)
    assert 2 ** (rank - 19_300 / 30) == pytest.approx(decay.value(ring, 30, 19_300))


def test_what_is_sixteen_half_lives_old_is_forgotten() -> None:
    old, new = (19_000, 100), (19_000 + 7 * 17, 1)
    anchor = new[0]
    in_order = decay.forget(ring_of([old], 7, old[0]), 7, anchor)
    assert in_order == []
    assert ring_of([new, old], 7, anchor) == ring_of([new], 7, anchor)


def test_more_taken_back_than_given_counts_as_nothing() -> None:
    ring = ring_of([(19_000, -5)])
    assert decay.value(ring, 30, 19_010) == 0
    assert decay.rank(ring) == 0
