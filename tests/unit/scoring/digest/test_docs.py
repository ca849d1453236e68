"""The table of docs/digests.md is that of the code."""

from __future__ import annotations

from pathlib import Path

from services.scoring.digest.highlight import SAVING, WORTH

PAGE = (Path(__file__).parents[4] / "docs" / "digests.md").read_text(encoding="utf-8")


def test_every_deed_is_in_the_table_with_its_worth() -> None:
    expected = [f"| `{str(what.name).lower()}` | {worth} |" for what, worth in WORTH.items()]
    assert [line for line in PAGE.splitlines() if line.startswith("| `")] == expected


def test_the_signs_of_saving_are_told() -> None:
    (line,) = [line for line in PAGE.splitlines() if line.startswith("A reaction with")]
    told = line.removeprefix("A reaction with ").split(" saves.")[0].split()
    assert set(told) <= SAVING
    assert {each for each in SAVING if not each.isascii()} - set(told) <= {"⭐️"}
