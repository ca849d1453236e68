from __future__ import annotations

from pathlib import Path

from services.scoring.points.terms import DEFAULT_RULES, Earning


def test_the_document_tells_the_default_rules() -> None:
    text = Path(__file__).parents[4].joinpath("docs", "scoring.md").read_text()
    assert set(DEFAULT_RULES) == set(Earning)
    for earning, rule in DEFAULT_RULES.items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{earning}` |")]
        assert line.endswith(f"| {rule.points} | {rule.daily_cap} |")
