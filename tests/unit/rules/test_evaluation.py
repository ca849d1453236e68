"""Figures of labelled files: by the book, and the same from the command line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.rules.evaluation import Figures, Judged, figures, risk_that_lets_through
from steward.commands.evaluate import app
from steward.commands.train import app as train_app

LURE = "加.薇.信 abcd8899 领红包 日赚500元"


def write(path: Path, *rows: tuple[str, str]) -> Path:
    lines = "".join(json.dumps({"text": t, "label": label}) + "\n" for t, label in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(lines.encode()))
    else:
        path.write_text(lines)
    return path


def test_figures_follow_their_definitions() -> None:
    judged = [
        Judged(bad=True, found=True, risk=0.9),
        Judged(bad=True, found=True, risk=0.8),
        Judged(bad=True, found=False, risk=0.4),
        Judged(bad=False, found=True, risk=0.6),
        Judged(bad=False, found=False, risk=0.0),
    ]
    assert figures(judged) == Figures(0.6667, 0.6667, 0.6667, 0.6667, 0.5, 5)


def test_figures_of_nothing_are_zero() -> None:
    assert figures([]) == Figures(0, 0, 0, 0, 0, 0)


def test_one_in_a_hundred_lies_above_the_risk_that_lets_it_through() -> None:
    risks = [n / 1000 for n in range(300)]
    let_through = risk_that_lets_through(risks)
    assert sum(risk > let_through for risk in risks) == 3


def test_texts_with_equal_risk_are_let_through_together() -> None:
    assert risk_that_lets_through([0.9] * 50 + [0.0] * 50) == 0.9


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_the_command_prints_each_file_by_its_name(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name, (LURE, "spam"), ("好的，收到", "ham"), ("晚上一起吃饭", "ok"))
    result = CliRunner().invoke(app, [str(file), "--json"])
    assert json.loads(result.output) == {
        "files": {
            name: {
                "precision": 1.0,
                "recall": 1.0,
                "f1": 1.0,
                "recall_at_1pct_fpr": 1.0,
                "fpr": 0.0,
                "n": 3,
            }
        }
    }


def test_without_json_it_prints_a_table(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.jsonl", (LURE, "spam"))
    shown = CliRunner().invoke(app, [str(file)]).output.splitlines()
    assert shown[0].split()[:3] == ["file", "precision", "recall"]
    assert shown[1].split() == ["rows.jsonl", "1.0000", "1.0000", "1.0000", "1.0000", "0.0000", "1"]


def test_feedback_is_learned_before_judging(tmp_path: Path) -> None:
    def rows(first: int, last: int) -> list[tuple[str, str]]:
        return [
            pair
            for n in range(first, last)
            for pair in (
                (f"灵兽山庄第{n}期支持一下，进去就知道", "spam"),
                (f"求带深渊第{n}层，来个奶妈", "ham"),
            )
        ]

    file = write(tmp_path / "new.jsonl", *rows(100, 105))
    lessons = write(tmp_path / "lessons.jsonl", *rows(0, 60))
    before = CliRunner().invoke(app, [str(file), "--json"])
    after = CliRunner().invoke(app, [str(file), "--feedback", str(lessons), "--json"])
    assert json.loads(before.output)["files"]["new.jsonl"]["recall"] == 0
    assert json.loads(after.output)["files"]["new.jsonl"]["f1"] == 1


@pytest.mark.parametrize("line", ["{", '{"text": "a"}', '{"text": "a", "label": "b"}'])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(f'{{"text": "a", "label": "ham"}}\n{line}\n')
    for command, arguments in ((app, []), (train_app, ["classifier"])):
        result = CliRunner().invoke(command, [*arguments, str(file)])
        assert result.exit_code == 1
        assert "rows.jsonl:2:" in result.output


def test_train_writes_weights(tmp_path: Path) -> None:
    rows = [(f"低价出售第{n}款，加微信 abcd{n}123", "spam") for n in range(70)]
    rows += [(f"今天的面很好吃，明天再去{n}次", "ham") for n in range(70)]
    output = tmp_path / "weights.json"
    file = write(tmp_path / "rows.jsonl", *rows)
    result = CliRunner().invoke(train_app, ["classifier", str(file), "--output", str(output)])
    assert result.exit_code == 0
    assert set(json.loads(output.read_bytes())["heads"]) == {"en", "zh"}
