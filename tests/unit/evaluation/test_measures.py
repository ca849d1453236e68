from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from steward.evaluation.measures import Outcome, auc, brier, calibration, wilson

Cases = st.lists(st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=1)


@given(Cases)
def test_measures_agree_with_those_of_scikit_learn(cases: list[tuple[float, bool]]) -> None:
    outcomes = [Outcome(*case) for case in cases]
    foretold, true = [case[0] for case in cases], [case[1] for case in cases]
    assert brier(outcomes) == pytest.approx(brier_score_loss(true, foretold))
    if len(set(true)) == 2:
        assert auc(outcomes) == pytest.approx(roc_auc_score(true, foretold))
    else:
        assert auc(outcomes) is None


@given(Cases)
def test_every_case_is_in_one_line_of_the_calibration(cases: list[tuple[float, bool]]) -> None:
    table = calibration([Outcome(*case) for case in cases])
    assert sum(line.n for line in table) == len(cases)
    assert all(line.low - 1e-4 <= line.came_true <= line.high + 1e-4 for line in table)


def test_without_cases_nothing_is_claimed() -> None:
    assert brier([]) is None
    assert calibration([]) == []


def test_intervals_of_small_samples_are_wide() -> None:
    assert wilson(1, 2) == pytest.approx((0.0945, 0.9055), abs=1e-3)
    low, high = wilson(500, 1_000)
    assert high - low < 0.07
