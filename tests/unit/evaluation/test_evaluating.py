from __future__ import annotations

import gzip
import json
import random
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.scoring.models import CHURN, QUIET
from steward.commands import evaluate_scores, train
from steward.evaluation.cases import DAY, cases, evaluation_plan, training_plan
from steward.evaluation.history import History, MalformedError, Wrote, read
from steward.evaluation.training import TooFewError, fit

START = 1_577_836_800
"""2020-01-01, midnight UTC."""


def community(days: int = 500) -> list[Wrote]:
    """Regulars who keep writing and visitors who write on a day or two, in two groups."""
    chance = random.Random(7)
    written = []
    for day in range(days):
        came = [regular for regular in range(6) if chance.random() < 0.4]
        written += [_wrote(day, f"r{who}", "a" if who < 4 else "b", chance) for who in came]
        written.append(_wrote(day, f"v{day // 2}", "a", chance))
        if day % 90 < 40 and day % 3 == 0:
            written.append(_wrote(day, f"w{day % 5}", "c", chance))
    return written


def _wrote(day: int, member: str, group: str, chance: random.Random) -> Wrote:
    return Wrote(START + day * DAY + chance.randrange(DAY), member, group, chance.randrange(90))


@pytest.fixture(scope="module")
def history() -> History:
    return History(community())


@pytest.fixture
def file(tmp_path: Path, history: History) -> Path:
    path = tmp_path / "activity.tsv.gz"
    lines = [f"{w.time}\t{w.member}\t{w.group}\tt\t{w.chars}\n" for w in history.messages]
    with gzip.open(path, "wt") as out:
        out.write("ts\tuser\tstream\ttopic\tchars\n" + "".join(lines))
    return path


def test_members_are_looked_at_each_quarter_and_groups_every_28_days(history: History) -> None:
    plan = evaluation_plan(date(2020, 2, 10), history)
    days = sorted((moment - START) // DAY for moment in plan.members)
    assert days == [91, 182, 274, 366], "what followed April 2021 is not known for 90 days"
    assert sorted((moment - START) // DAY for moment in plan.groups)[:3] == [40, 68, 96]
    assert max(plan.groups) + 28 * DAY <= history.last


def test_cases_are_those_of_the_definition(history: History) -> None:
    found = cases(history, evaluation_plan(date(2020, 4, 1), history))
    for moment, who, _, silent in found[CHURN]:
        times = [w.time - moment for w in history.messages if w.member == who]
        assert any(-30 * DAY <= time < 0 for time in times)
        assert silent == (not any(0 <= time < 90 * DAY for time in times))
    for moment, who, _, silent in found[QUIET]:
        times = [w.time - moment for w in history.messages if w.group == who]
        assert min(times) <= -56 * DAY
        assert any(-28 * DAY <= time < 0 for time in times)
        assert silent == (not any(0 <= time < 28 * DAY for time in times))
    assert {case.silent for case in found[CHURN]} == {True, False}
    assert {case.silent for case in found[QUIET]} == {True, False}


def test_nothing_that_came_later_is_in_the_figures(history: History) -> None:
    plan = evaluation_plan(date(2020, 7, 1), history)
    known = cases(history, plan)
    until = max(plan.members | plan.groups)
    blind = History([w for w in history.messages if w.time < until] + history.messages[-1:])
    for name in (CHURN, QUIET):
        wanted = {(case.moment, case.who): case.features for case in known[name]}
        seen = {(case.moment, case.who): case.features for case in cases(blind, plan)[name]}
        assert seen == wanted


def test_training_learns_only_from_what_was_known_by_then(history: History) -> None:
    plan = training_plan(date(2021, 1, 1), history)
    end = START + 366 * DAY
    assert max(plan.members) + 90 * DAY <= end
    assert max(plan.groups) + 28 * DAY <= end


def test_fitting_is_reproducible(history: History) -> None:
    found = cases(history, training_plan(date(2021, 4, 1), history))
    for name in (CHURN, QUIET):
        assert fit(name, found[name], "2021-04-01") == fit(name, found[name], "2021-04-01")
    with pytest.raises(TooFewError):
        fit(CHURN, [case for case in found[CHURN] if case.silent], "2021-04-01")


def test_evaluate_scores_prints_one_object(file: Path) -> None:
    ran = CliRunner().invoke(evaluate_scores.app, [str(file), "--from", "2020-07-01", "--json"])
    assert ran.exit_code == 0, ran.output
    report = json.loads(ran.stdout)
    assert report["churn_auc"] > 0.9, "visitors and regulars are easily told apart"
    assert 0 < report["churn_brier"] < 0.25
    assert report["churn_n"] == sum(line["n"] for line in report["churn_calibration"])
    assert report["quiet_n"] == sum(line["n"] for line in report["quiet_calibration"]) > 0
    assert report["churn_trained_on_later"] is True, "the shipped weights know later years"


def test_train_keeps_one_model_for_each_date(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "churn.json"
    for until in ("2021-04-01", "2021-01-01", "2021-04-01"):
        arguments = ["churn", str(file), "--until", until, "--out", str(out)]
        ran = CliRunner().invoke(train.app, arguments)
        assert ran.exit_code == 0, ran.output
    kept = json.loads(out.read_text())
    assert [model["until"] for model in kept] == ["2021-01-01", "2021-04-01"]


@pytest.mark.parametrize("line", ["1\ta\tb\tc", "x\ta\tb\tc\t1", "1\ta\tb\tc\t1\t2"])
def test_a_line_that_does_not_fit_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(f"1\ta\tb\tc\t1\n{line}\n")
    with pytest.raises(MalformedError, match=r"bad\.tsv:2"):
        read([path])
