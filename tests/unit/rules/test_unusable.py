"""What would fail once it is in force is refused when it is published."""

from __future__ import annotations

import pytest

from services.rules.pack import PackError, checked
from services.rules.rules import RuleSet

HEAD = "name: own\nextends: default\n"
RULE = 'rules: [{name: x, label: advertising, weight: 1, because: b, when: "%s"}]\n'
TEXT = "automations: [{name: a, on: [message], when: 'true', do: message.reply, text: '%s'}]\n"
WINDOW = (
    "windows: [{name: w, span: 1m, by: [member], of: [message],"
    " when: window.same_text_by_member_10m >= 3}]\n"
)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("thresholds: {watch: 0.1, warn: 0.2, delete: .inf}\n", "<= 1.0"),
        ("thresholds: {watch: .nan, warn: 0.2, delete: 0.9}\n", ">= 0.0"),
        ("thresholds: {watch: 0.2, warn: 0.4, delete: 7}\n", "<= 1.0"),
        (
            "overrides: [{groups: [g], thresholds: {watch: .nan, warn: 0.2, delete: 0.3}}]\n",
            ">= 0.0",
        ),
        (
            "thresholds: {watch: 0.2, warn: 0.4, delete: 0.6, mute: 0.7, mute_seconds: -5}\n",
            "`int` >= 0",
        ),
        (
            "escalation: {within: 1h, steps: [{after: 1, decision: mute, seconds: 10000000000}]}\n",
            "`int` <= 31536000",
        ),
        (RULE % ("(" * 94 + "text.length > 3" + ")" * 94), "nested too deeply"),
        (
            "conditions:\n"
            f"  - {{name: a, when: '{'(' * 45}text.length > 3{')' * 45}'}}\n"
            + RULE
            % ("(" * 45 + "is.a" + ")" * 45),
            "nested too deeply",
        ),
        (WINDOW, "window.same_text_by_member_10m"),
        (TEXT % ("{answer}" * 11), "more than 10 places"),
        (TEXT % ("a" * 4_001), "length <= 4000"),
        (RULE.replace("because: b", f"because: {'b' * 501}") % "text.length > 3", "length <= 500"),
    ],
)
def test_it_is_refused_and_the_place_is_named(written: str, why: str) -> None:
    with pytest.raises(PackError, match=r"^own:\d+:\d+: ") as refused:
        checked(HEAD + written, "own")
    assert why in str(refused.value)


def test_what_is_nested_as_deep_as_it_may_be_is_judged_by() -> None:
    deep = RULE % ("(" * 60 + "text.length > 3" + ")" * 60)
    RuleSet(checked(HEAD + deep, "own"))
