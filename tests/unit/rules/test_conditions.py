"""Remembered answers of conditions are those that CEL gives."""

from __future__ import annotations

import cel
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.conditions import Conditions, flat
from tests.unit.rules.judging import PACK

CHECKED = [condition for _, condition in PACK.rules]
PROGRAMS = [cel.compile(condition.flat) for condition in CHECKED]
REMEMBERING = Conditions(CHECKED, PACK.defaults)
NUMBERS = sorted(name for name, value in PACK.defaults.items() if type(value) is int)
TRUTHS = sorted(name for name, value in PACK.defaults.items() if type(value) is bool)


def signals() -> st.SearchStrategy[dict[str, int | bool]]:
    counts = st.dictionaries(st.sampled_from(NUMBERS), st.integers(1, 60), max_size=12)
    truths = st.dictionaries(st.sampled_from(TRUTHS), st.just(True), max_size=3)
    return st.builds(lambda some, others: {**some, **others}, counts, truths)


@settings(max_examples=300, deadline=None)
@given(st.lists(signals(), min_size=2, max_size=6))
def test_what_is_remembered_is_what_cel_says(events: list[dict[str, int | bool]]) -> None:
    for event in events:
        values = {flat(name): value for name, value in {**PACK.defaults, **event}.items()}
        context = cel.Context(values)
        expected = [n for n, program in enumerate(PROGRAMS) if program.execute(context)]
        assert list(REMEMBERING.holding(event)) == expected


def test_signals_may_come_in_several_parts() -> None:
    whole = {"text.pitch": 2, "text.contacts": 1, "text.length": 20}
    parts = ({"text.pitch": 2}, {"text.contacts": 1, "text.length": 20})
    assert REMEMBERING.holding(*parts) == REMEMBERING.holding(whole)
