"""What a campaign brought, and how sure that is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.campaigns.lift import Arm, lift


def test_the_interval_is_newcombes() -> None:
    """56 of 70 against 48 of 80: example (a) of the paper, method 10."""
    found = lift(Arm(70, 56), Arm(80, 48))
    assert found is not None
    assert found.difference == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_nobody_in_an_arm_says_nothing() -> None:
    assert lift(Arm(10, 5), Arm()) is None
    assert lift(Arm(), Arm(10, 5)) is None


arms = st.integers(1, 10_000).flatmap(
    lambda n: st.builds(Arm, st.just(n), st.integers(0, n), st.just(0))
)


@given(arms, arms)
def test_the_difference_lies_in_its_interval_and_swaps_with_the_arms(one: Arm, two: Arm) -> None:
    found, swapped = lift(one, two), lift(two, one)
    assert found is not None
    assert swapped is not None
    assert -1 - 1e-9 <= found.low <= found.difference + 1e-12
    assert found.difference - 1e-12 <= found.high <= 1 + 1e-9
    assert swapped.low == pytest.approx(-found.high)
