"""The tables of docs/conduct.md are those of the code."""

from __future__ import annotations

from pathlib import Path

from services.scoring.advice.split import Reason
from services.scoring.profiles.conduct import PROMOTING, Complaint

PAGE = (Path(__file__).parents[4] / "docs" / "conduct.md").read_text(encoding="utf-8")


def names(heading: str) -> list[str]:
    rows = PAGE.split(heading, 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [row.split("`")[1] for row in rows]


def test_every_complaint_and_every_reason_is_told() -> None:
    assert names("| `alert` | when, over seven days |") == [each.value for each in Complaint]
    reasons = names("| `reason` | it fails because |")
    assert reasons == [each.value for each in Reason if each is not Reason.APART]


def test_every_label_that_promotes_is_told() -> None:
    assert [label for label in PROMOTING if f"`{label.value}`" not in PAGE] == []
