"""Even odds lie where forecasts of verdicts part best."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.forecasts import FARTHEST, FEWEST, even_odds


def foretold(yes: float, no: float, each: int = 100) -> list[tuple[float, bool]]:
    """Return forecasts that lie within a tenth around `yes` and `no`."""
    return [
        (middle + n / each / 5 - 0.1, outcome)
        for n in range(each)
        for middle, outcome in ((yes, True), (no, False))
    ]


@pytest.mark.parametrize(("yes", "no"), [(1.5, 0.5), (-0.5, -1.5), (0.4, -0.4)])
def test_even_odds_lie_between_what_became_a_yes_and_what_became_a_no(
    yes: float, no: float
) -> None:
    assert no < even_odds(foretold(yes, no)) < yes


def test_few_forecasts_of_either_outcome_move_nothing() -> None:
    assert even_odds(foretold(1.9, 1.1, FEWEST - 1)) == 0.0
    assert even_odds([(1.0, True)] * 500) == 0.0
    assert even_odds([]) == 0.0


@given(st.lists(st.tuples(st.floats(-30, 30), st.booleans()), max_size=200))
def test_the_estimate_is_bounded_and_does_not_depend_on_the_order(
    seen: list[tuple[float, bool]],
) -> None:
    found = even_odds(seen)
    assert -FARTHEST <= found <= FARTHEST
    assert even_odds(reversed(seen)) == found
