"""Templates say what they should, and hostile ones are refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.campaigns.template import (
    BUILT_IN,
    FILTERS,
    MOST_CHARACTERS,
    InvalidTemplateError,
    Templates,
    check,
)

VALUES = {
    "member": {"name": "小明", "items": "shadowed"},
    "group": "g1",
    "date": "2026-03-04",
    "weekday": "3",
}


def said(source: str) -> str:
    check(source, BUILT_IN)
    return Templates().render(source, VALUES)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("早安", "早安"),
        ("{{ member.name }}，早", "小明，早"),
        ("{{ member['name'] | upper }}", "小明"),
        ("{% if weekday == '3' %}周三{% else %}别的{% endif %}", "周三"),
        ("{{ member.city | default('你那里') }}", "你那里"),
        ("{{ 'a' if member.city is defined else 'b' }}", "b"),
        ("{{ group ~ '/' ~ date }}", "g1/2026-03-04"),
        ("{{ member.items }}", "shadowed"),
        ("a < b & c", "a < b & c"),
    ],
)
def test_a_template_says_what_it_should(source: str, text: str) -> None:
    assert said(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 999999 }}",
        "{% for a in range(1000000000) %}x{% endfor %}",
        "{% set a = 'xx' %}{{ a }}",
        "{% with a = 'xx' %}{{ a }}{% endwith %}",
        "{% macro f() %}{{ f() }}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as x %}",
        "{% filter upper %}x{% endfilter %}",
        "{{ member.name.join('abc') }}",
        "{{ 'x' | replace('', 'xxxxxxxx') }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ member.name | attr('__class__') }}",
        "{{ '%1000000000s' % 'x' }}",
        "{{ cycler.__init__ }}",
        "{{ nope }}",
        "{{",
        "{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}",
        "{{ 1" + "0" * 5_000 + " }}",
        "{{" + "+".join(["1"] * 2_500) + "}}",
        "{{ member.name is iterable }}",
    ],
)
def test_a_hostile_or_mistaken_template_is_refused_at_once(source: str) -> None:
    before = time.process_time()
    with pytest.raises(InvalidTemplateError):
        check(source, BUILT_IN)
    assert time.process_time() - before < 2


@pytest.mark.parametrize("field", ["__class__", "__init__", "keys", "city"])
def test_only_fields_that_are_there_can_be_read(field: str) -> None:
    with pytest.raises(InvalidTemplateError, match=field):
        said("{{ member." + field + " }}")


@pytest.mark.parametrize("source", ["{% if weekday == '9' %}x{% endif %}", "   "])
def test_a_message_without_text_is_none(source: str) -> None:
    with pytest.raises(InvalidTemplateError, match="empty"):
        said(source)


def test_a_message_that_is_too_long_is_none() -> None:
    with pytest.raises(InvalidTemplateError, match="longer"):
        Templates().render("{{ text }}", {"text": "x" * (MOST_CHARACTERS + 1)})


def test_values_are_never_templates_themselves() -> None:
    assert Templates().render("{{ text }}", {"text": "{{ 7 + 7 }}"}) == "{{ 7 + 7 }}"


pieces = st.sampled_from(
    [
        *("{{", "}}", "{%", "%}", "{#", "#}", "if", "endif", "for", "in", "set", "member", "date"),
        *(".", "'", '"', "|", "(", ")", "[", "]", "~", "+", "*", "-", "==", "default", "upper"),
        *("x", "1", " ", "\n", "早", "\x00", "raw", "endraw", "__class__", *sorted(FILTERS)),
    ]
)


@given(st.lists(pieces, max_size=60).map("".join))
def test_whatever_passes_the_check_renders_or_says_why_not(source: str) -> None:
    try:
        check(source, BUILT_IN)
    except InvalidTemplateError:
        return
    try:
        text = Templates().render(source, VALUES)
    except InvalidTemplateError:
        return
    assert 0 < len(text) <= MOST_CHARACTERS


def test_compiled_templates_are_bounded() -> None:
    templates = Templates(most=2)
    for number in range(5):
        assert templates.render(f"{number}", {}) == str(number)
    assert templates.render("0", {}) == "0"
