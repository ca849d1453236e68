"""The command `steward check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.rules.check import Checked
from services.rules.word_lists.lists import version_of
from steward.commands.check import app, highlighted
from steward.word_lists import ListError, read_lists
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


def test_it_goes_by_the_operator_s_lists(tmp_path: Path) -> None:
    (tmp_path / "political.yaml").write_text("words: [红色暗号]\nexceptions: [红色暗号灯]\n")
    (tmp_path / "rivals.txt").write_text("别家\n\n 某某群 \n")
    (tmp_path / "README.md").write_text("not a list")
    for place in (tmp_path, tmp_path / "political.yaml"):
        result = CliRunner().invoke(app, ["今晚说说红.色.暗.号", "--json", "--lists", str(place)])
        (hit,) = json.loads(result.stdout)["hits"]
        assert (hit["rule"], hit["values"]["list.political"]) == ("political", 1)
        assert hit["values"]["list.political.version"].startswith("political@")
    told = CliRunner().invoke(app, ["红色暗号灯亮了", "--json", "--lists", str(tmp_path)])
    assert json.loads(told.stdout)["hits"] == []


def test_it_says_which_lists_no_rule_asks_for(tmp_path: Path) -> None:
    (tmp_path / "political.txt").write_text("红色暗号\n")
    (tmp_path / "rivals.txt").write_text("别家\n")
    told = CliRunner().invoke(app, ["别家", "--lists", str(tmp_path)])
    assert told.exit_code == 0
    assert told.stderr == "No shipped rule asks for the list `rivals`, only for `political`.\n"


def test_what_rest_gave_is_a_list_under_the_same_version(tmp_path: Path) -> None:
    whole = {
        "name": "political",
        "version": "political@1",
        "size": 2,
        "note": "",
        "changed_by": "k",
    }
    words = {"words": ["红色暗号", "别家"], "exceptions": [], "changed_at": "2026-01-05T09:00:00Z"}
    (tmp_path / "political.json").write_text(json.dumps(whole | words))
    lists = read_lists(tmp_path)
    assert lists.versions == {"political": version_of("political", ["别家", "红色暗号"], [])}


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("political.txt", "好词\n的\n", "words: `的` has less than two letters"),
        ("No-Name.txt", "好词", "a list's name is small letters"),
        ("political.yaml", "word: [好词]", "unknown field `word`"),
        ("political.yaml", "words: [好词", "line 1"),
        ("political.json", '{"words": [""]}', "$.words[0]"),
        ("notes.md", "好词", "no file ends in .json, .yaml, .yml, .txt"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, name: str, said: str, told: str
) -> None:
    (tmp_path / name).write_text(said)
    result = CliRunner().invoke(app, ["你好", "--lists", str(tmp_path)])
    assert result.exit_code == 2
    assert told in result.output


def test_two_files_are_not_one_list(tmp_path: Path) -> None:
    for suffix in (".txt", ".yaml"):
        (tmp_path / f"political{suffix}").write_text("words: [好词]")
    with pytest.raises(ListError, match="two files have the same name"):
        read_lists(tmp_path)
