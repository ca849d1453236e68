"""The command `steward check`."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from services.rules.check import Checked
from steward.commands.check import app, highlighted
from tests.unit.rules.judging import CHECKER

LURE = "快来 加 / 薇 / 信 abcd8899 领红包"


def test_it_tells_how_a_text_is_read_and_judged() -> None:
    result = CliRunner().invoke(app, [LURE])
    assert result.exit_code == 0
    assert "快来加微信abcd8899领红包" in result.output
    assert "delete" in result.output
    assert "contact_lure" in result.output


def test_it_prints_json() -> None:
    result = CliRunner().invoke(app, [LURE, "--json"])
    answer = json.loads(result.output)
    assert answer["decision"] == "delete"
    assert answer["hits"][0]["values"]
    assert all(0 <= span["start"] < span["end"] <= len(LURE) for span in answer["spans"])


def test_what_rules_saw_is_marked_in_the_original() -> None:
    checked: Checked = CHECKER.check(LURE)
    marked = {LURE[span.start : span.end] for span in highlighted(LURE, checked).spans}
    assert "加 / 薇 / 信 abcd8899" in marked
