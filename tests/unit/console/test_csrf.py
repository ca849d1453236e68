"""Forms of other sites change nothing."""

from __future__ import annotations

import pytest

from services.console.csrf import is_ours, matches
from services.console.forms import Form


@pytest.mark.parametrize(
    ("origin", "site", "ours"),
    [
        ("http://console.test", "same-origin", True),
        ("", "", True),
        ("http://evil.test", "", False),
        ("http://console.test.evil.test", "", False),
        ("null", "", False),
        ("http://console.test", "cross-site", False),
        ("", "same-site", False),
    ],
)
def test_a_request_is_ours_by_its_origin(origin: str, site: str, ours: bool) -> None:
    assert is_ours(origin, site, "console.test") is ours


@pytest.mark.parametrize(
    ("given", "expected", "good"),
    [("a", "a", True), ("a", "b", False), ("", "", False), ("é", "e", False), ("a", "", False)],
)
def test_a_token_has_to_be_the_session_s(given: str, expected: str, good: bool) -> None:
    assert matches(given, expected) is good


def test_a_form_is_read_as_browsers_write_it() -> None:
    form = Form.read(b"a=1&b=%E4%BD%A0+%E5%A5%BD&c=x&c=y&n=-12&empty=")
    assert (form["a"], form["b"], form["missing"], form["empty"]) == ("1", "你 好", "", "")
    assert form.every("c") == ["x", "y"]
    assert (form.number("n"), form.number("b")) == (-12, None)


def test_a_form_of_very_many_fields_is_refused() -> None:
    with pytest.raises(ValueError):
        Form.read(b"&".join(b"a=1" for _ in range(3_000)))
