from __future__ import annotations

from steward.demo.gauges import Gauges, total

RULES = """\
# TYPE steward_stream_lag_records gauge
steward_stream_lag_records{stage="rules",topic="events",partition="0"} 7.0
steward_stream_lag_records{stage="rules",topic="events",partition="1"} 5.0
# TYPE steward_stream_duplicates_total counter
steward_stream_duplicates_total{stage="rules",topic="events"} 40.0
"""
SCORING = """\
# TYPE steward_stream_duplicates_total counter
steward_stream_duplicates_total{stage="scoring",topic="events"} 41.0
steward_stream_duplicates_total{stage="scoring",topic="flags"} 3.0
# TYPE steward_stream_dead_letters_total counter
steward_stream_dead_letters_total{stage="scoring",topic="events",reason="undecodable"} 2.0
"""


def test_gauges_are_sums_and_duplicates_those_of_scoring_alone() -> None:
    assert total([RULES, SCORING]) == Gauges(lag=12, duplicates=41, dead_letters=2)


def test_what_was_counted_before_is_subtracted_and_the_lag_is_not() -> None:
    assert Gauges(9, 41, 2).since(Gauges(5, 40, 2)) == Gauges(9, 1, 0)
