"""What conditions may name is what they are compiled with."""

from __future__ import annotations

import pytest

from services.rules.compiling import Compiler
from services.rules.names import names_of
from services.rules.pack import load
from services.rules.vocabulary import SIGNALS
from services.rules.weighing import rule_defaults
from shared.conditions import FUNCTIONS, Condition
from tests.unit.rules.judging import PACK

OWN = """
name: own
extends: default
lists: [rivals]
conditions:
  - {name: eager, when: text.exclamations > 2}
patterns:
  - {name: kites, matches: 'cheap kites'}
windows:
  - {name: eager_1h, span: 1h, of: [message], by: [member], per: hour, when: text.links > 0}
  - {name: friends_1h, span: 1h, of: [message], by: [member], unique: target}
  - {name: linked_1h, span: 1h, of: [message], by: [group], share: text.links > 0}
  - {name: groups_1h, span: 1h, of: [message], by: [tenant, member], unique: group}
"""


def test_every_name_that_a_pack_s_conditions_may_use_is_told_with_its_type() -> None:
    source = load(OWN, "own").source
    told = {each.name: each.type for each in names_of(source)}
    compiler = Compiler(source, Condition, {})
    usable = {
        **compiler.defaults,
        **{f"is.{each.name}": False for each in source.conditions},
        **rule_defaults([each.name for each in source.rules]),
    }
    assert told == {name: type(value).__name__ for name, value in usable.items()} | dict.fromkeys(
        FUNCTIONS, "function"
    )


def test_each_name_is_told_once_and_says_what_it_means() -> None:
    names = names_of(PACK.source)
    assert len({each.name for each in names}) == len(names)
    assert all(each.meaning for each in names)


def test_what_a_window_counts_is_said_in_words() -> None:
    told = {each.name: each.meaning for each in names_of(load(OWN, "own").source)}
    assert told["window.eager_1h"] == (
        "message events per hour in 1h where text.links > 0, by member"
    )
    assert told["window.friends_1h"] == "different target of message events in 1h, by member"
    assert told["window.groups_1h"] == (
        "different group of message events in 1h, over all groups of the tenant, by member"
    )
    assert told["window.linked_1h"] == (
        "percent of message events with text.links > 0 in 1h, by group"
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_s_example_is_a_condition_that_can_be_used(function: str) -> None:
    example = FUNCTIONS[function].partition(": ")[2]
    call, _, value = example.partition(" is ")
    Condition(f"{call} == {value}" if value else f"{call} == {call}", SIGNALS)
