"""The tables of docs/rules.md are those of the code."""

from __future__ import annotations

from pathlib import Path

from services.rules.opinions.opinion import Came
from services.rules.vocabulary import MEANINGS
from services.rules.windows import FACET_MEANINGS
from tests.unit.rules.judging import PACK

DOCS = (Path(__file__).parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")


def rows() -> list[str]:
    return [line for line in DOCS.splitlines() if line.startswith("| `")]


def test_every_signal_is_in_the_table_with_its_meaning() -> None:
    expected = [
        f"| `{name}` | {type(default).__name__} | {meaning} |"
        for name, (default, meaning) in MEANINGS.items()
    ]
    windows = [f"| `window.{window.name}` | int |" for window, _, _ in PACK.windows]
    names = ("text", "event", "group", "member", "classifier")
    families = tuple(f"| `{family}." for family in names)
    shown = [row for row in rows() if row.startswith(families)]
    assert shown == expected
    assert [row[: row.rfind("int |") + 5] for row in rows() if row.startswith("| `window.")] == (
        windows
    )


def test_every_label_is_in_the_table_with_its_limit() -> None:
    expected = [f"| `{each.label}` | `{each.at_most}` |" for each in PACK.source.labels]
    assert [row for row in rows() if row in expected] == expected


def test_every_facet_is_in_the_table() -> None:
    expected = [f"| `{facet}` | {meaning} |" for facet, meaning in FACET_MEANINGS.items()]
    assert [row for row in rows() if row in expected] == expected


def test_whatever_may_come_of_a_question_to_a_model_is_in_the_table() -> None:
    told = [row.split(" | ")[0] for row in rows()]
    assert [each for each in Came if not any(f"`{each}`" in what for what in told)] == []
