"""The tables of docs/review.md are those of the code."""

from __future__ import annotations

from pathlib import Path

from services.rules.review.case import REASON_MEANINGS, CaseState, Reason
from services.rules.review.lessons import MOST_LESSONS
from services.rules.review.reversal import UNDONE_BY

DOCS = Path(__file__).parents[4] / "docs"
REVIEW = (DOCS / "review.md").read_text(encoding="utf-8")


def test_every_reason_is_in_the_table() -> None:
    for reason in Reason:
        assert f"| `{reason}` | {REASON_MEANINGS[reason]} |" in REVIEW


def test_every_undoing_is_in_the_table() -> None:
    assert [
        line for line in REVIEW.splitlines() if line.startswith(("| `message.d", "| `member."))
    ] == [f"| `{kind}` | `{undo}` |" for kind, undo in UNDONE_BY.items()]


def test_every_state_is_in_the_table() -> None:
    for state in CaseState:
        assert f"\n| `{state}` | " in REVIEW
    assert f"{MOST_LESSONS:,} lessons" in REVIEW
