"""What few rules ask for is measured where one does, and nowhere else."""

from __future__ import annotations

import pytest

from services.rules.check import observed
from services.rules.measures import Measures, least_length
from services.rules.vocabulary import SIGNALS
from shared.conditions import Condition

ENTROPY = "text.entropy"


def asking(*sources: str) -> Measures:
    return Measures([Condition(source, SIGNALS) for source in sources])


def measured(measures: Measures, text: str) -> int:
    return int(measures.signals(observed(text)).get(ENTROPY, 0))


def test_a_text_is_measured_only_where_a_condition_asks_for_it() -> None:
    assert measured(asking("text.length > 3"), "abcdabcd") == 0
    assert measured(asking("text.length > 3", "text.entropy < 25"), "abcdabcd") == 20


def test_a_text_too_short_for_the_condition_is_not_measured() -> None:
    measures = asking("text.length >= 8 && text.entropy < 25")
    assert measured(measures, "abcdabc") == 0
    assert measured(measures, "abcdabcd") == 20


def test_the_shortest_length_that_any_condition_cares_for_counts() -> None:
    measures = asking(
        "text.length >= 100 && text.entropy < 25", "text.entropy < 9 && text.length > 7"
    )
    assert measured(measures, "abcdabc") == 0
    assert measured(measures, "abcdabcd") == 20


@pytest.mark.parametrize(
    ("source", "least"),
    [
        ("text_length >= 160 && text_entropy < 20", 160),
        ("text_entropy < 20 && text_length > 160", 161),
        ("(text_links > 0) && text_length >= 5 && text_length >= 9 && text_entropy < 20", 9),
        ("text_length >= 160 || text_entropy < 20", 0),
        ("(text_length >= 160 && text_links > 0) == false && text_entropy < 20", 0),
        ("!(text_length >= 160 && text_entropy < 20)", 0),
        ("text_length >= 160 ? text_entropy < 20 : true", 0),
        ("text_entropy < 20 // && text_length >= 9 &&\n && text_links > 0", 0),
        ("text_length < 160 && text_entropy < 20", 0),
        ('event_role == "&& text_length >= 9 &&" && text_entropy < 20', 0),
    ],
)
def test_a_length_is_relied_on_only_where_it_must_hold(source: str, least: int) -> None:
    assert least_length(source) == least
