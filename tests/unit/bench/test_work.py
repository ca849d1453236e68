"""The work that Steward's runtime and its peers are compared by."""

from __future__ import annotations

import pytest

from bench.peers.work import WEEK_MS, decayed, judge


def test_disguised_lures_are_found_once_they_are_normalised() -> None:
    assert judge("加薇信领福利")
    assert judge("ＥＡＲＮ ＄５０ ａ ｄａｙ")
    assert not judge("大家早上好,今天的打卡在晚上八点截止,别忘了。")


def test_a_score_halves_in_a_week_before_the_next_event_counts() -> None:
    assert decayed(2.0, 0, WEEK_MS) == pytest.approx(2.0)
    assert decayed(0.0, 0, 5) == 1.0
