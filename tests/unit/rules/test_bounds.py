"""What rules may weigh is bounded; what is beyond is refused where it is written."""

from __future__ import annotations

import re

import pytest

from services.rules.pack import PackError, load

WEIGHING = """\
name: own
extends: default
weights: {grave_insult: 0.2}
families: [{name: kin, at_most: 0.5}]
rules:
  - {name: durian, label: advertising, weight: 0.8, when: text.money > 0, because: x, family: kin}
composites:
  - {name: both, label: advertising, weight: -0.3, when: rule.durian, because: x}
overrides:
  - {groups: [soft], weights: {durian: 0.4}}
"""


@pytest.mark.parametrize(
    ("before", "after", "line", "column", "message"),
    [
        ("weight: 0.8", "weight: 30", 6, 48, "30 is not from -2 to 2"),
        ("weight: 0.8", "weight: -2.01", 6, 48, "-2.01 is not from -2 to 2"),
        ("weight: 0.8", "weight: .nan", 6, 48, "nan is not from -2 to 2"),
        ("weight: -0.3", "weight: .inf", 8, 46, "inf is not from -2 to 2"),
        ("0.2}", "2.5}", 3, 25, "2.5 is not from -2 to 2"),
        ("0.4}", "2.01}", 10, 40, "2.01 is not from -2 to 2"),
        ("at_most: 0.5", "at_most: 3", 4, 33, "3 is not from 0 to 2"),
        ("at_most: 0.5", "at_most: -1", 4, 33, "-1 is not from 0 to 2"),
    ],
)
def test_what_weighs_more_than_a_risk_can_be_is_refused_where_it_is_written(
    before: str, after: str, line: int, column: int, message: str
) -> None:
    assert WEIGHING.count(before) == 1
    with pytest.raises(PackError, match=re.escape(message)) as raised:
        load(WEIGHING.replace(before, after), "own.yaml")
    assert (raised.value.line, raised.value.column) == (line, column)


@pytest.mark.parametrize("weight", ["2", "0", "-2"])
def test_a_weight_at_the_bounds_is_taken(weight: str) -> None:
    load(WEIGHING.replace("0.8", weight).replace("-0.3", weight), "own.yaml")


def test_all_weights_that_are_too_great_are_told_at_once() -> None:
    with pytest.raises(PackError) as raised:
        load(WEIGHING.replace("0.8", "30").replace("0.4", "9").replace("0.5", "7"), "own.yaml")
    assert [each.line for each in (raised.value, *raised.value.others)] == [6, 10, 4]
