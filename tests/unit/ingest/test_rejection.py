from __future__ import annotations

import pytest

from services.ingest.rejection import explain, from_validation


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "Expected `str`, got `int` - at `$.data.text`",
            ("Expected `str`, got `int`", "/data/text"),
        ),
        ("Expected `str` - at `$.data.mentions[3]`", ("Expected `str`", "/data/mentions/3")),
        ("Expected `str` - at `$.data.attributes[...]`", ("Expected `str`", "/data/attributes")),
        ("Too long - at `key` in `$.data.attributes`", ("Too long", "/data/attributes")),
        ("Expected `object`, got `array`", ("Expected `object`, got `array`", "")),
        (
            "Object missing required field `group` - at `$.data`",
            ("Object missing required field `group`", "/data/group"),
        ),
    ],
)
def test_what_msgspec_says_becomes_a_pointer(message: str, expected: tuple[str, str]) -> None:
    assert explain(message) == expected


def test_an_unknown_type_is_a_problem_of_its_own() -> None:
    assert from_validation("Invalid value 'a.b' - at `$.type`").title == "Unknown event type"
