"""Backtests say of past events what would have been said of them live."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from services.rules.backtests.replay import Backtest, warm_up
from services.rules.pack import load
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.stage import rules_stage
from shared.events import BaseEvent, Millis, encode
from shared.stream.memory import MemoryDocuments, fold
from shared.verdicts import Decision
from steward.commands.backtest import app
from tests.unit.rules.judging import PACK, START, event_record, flags, message

OWN = """\
name: own
extends: default
escalation: {within: 1h, steps: [{after: 2, decision: ban}]}
windows:
  - {name: long, span: 3h, by: [member], of: [message]}
rules:
  - {name: third, label: flood, weight: 0.8, when: window.long >= 3, because: third}
"""
CANDIDATE = load(OWN, "p.yaml")
SALE = "出售榴莲 300元 加微信 abc12345"
TEXTS = ("加薇.信 abcd8899 领红包", "你好", "你就是个傻逼", "大家早上好", SALE)


def talk(numbers: list[int]) -> list[BaseEvent]:
    return [
        message(TEXTS[n % len(TEXTS)], i * 240, group=f"g{n % 2}", member=f"m{n % 3}")
        for i, n in enumerate(numbers)
    ]


def live(events: list[BaseEvent]) -> dict[str, tuple[Decision, float, list[str]]]:
    """Return what the candidate in force says of events."""
    stage = rules_stage(OneRuleSet(CANDIDATE)).open_partition(0)
    records = [event_record(each, offset) for offset, each in enumerate(events)]
    return {
        flag.event.id: (flag.decision, flag.risk, [hit.rule for hit in flag.hits])
        for flag in flags(fold(stage, records, MemoryDocuments()))
    }


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 100), max_size=40), st.integers(0, 40))
def test_a_backtest_says_what_was_said_live(numbers: list[int], begin: int) -> None:
    events = talk(numbers)
    start = Millis(START + begin * 240_000)
    backtest = Backtest(PACK, CANDIDATE, start)
    for event in events:
        backtest.see(event)
    report = backtest.report()
    said = live(events)
    compared = {event.id: event for event in events if event.time >= start}
    assert report.events == len(compared)
    assert report.warmed_up_with == len(events) - len(compared)
    for changed in report.changed:
        candidate = changed.candidate
        found = (candidate.decision, candidate.risk, candidate.rules)
        assert found == said.get(changed.event, (Decision.ALLOW, 0.0, []))
    fired = [rule for id, (_, _, rules) in said.items() if id in compared for rule in rules]
    assert {name: n.candidate for name, n in report.rules.items() if n.candidate} == {
        name: fired.count(name) for name in fired
    }
    assert sum(report.changes.values()) == len(report.changed)


def test_the_same_rule_set_changes_nothing() -> None:
    backtest = Backtest(PACK, PACK, Millis(0))
    for event in talk(list(range(30))):
        backtest.see(event)
    report = backtest.report()
    assert (report.changes, report.changed) == ({}, [])
    assert report.comparison.overlap == 1.0


def test_a_backtest_begins_as_long_before_as_windows_reach() -> None:
    assert warm_up([PACK]) == 3_600_000
    assert warm_up([PACK, CANDIDATE]) == 3 * 3_600_000


def test_the_command_tells_what_would_change(tmp_path: Path) -> None:
    pack, events = tmp_path / "own.yaml", tmp_path / "events.jsonl"
    pack.write_text(OWN)
    events.write_bytes(b"\n".join(encode(each) for each in talk([1, 1, 1, 1])))
    since = datetime.fromtimestamp(START / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    arguments = [str(pack), "--from", since, "--to", "2030-01-01", "--events", str(events)]
    told = CliRunner().invoke(app, [*arguments, "--json"])
    assert told.exit_code == 0, told.output
    report = json.loads(told.stdout)
    assert report["changes"] == {"allow→delete": 2}
    assert report["rules"]["third"] == {"settled": 0, "candidate": 2}
    shown = CliRunner().invoke(app, arguments)
    assert "allow→delete" in shown.stdout
    pack.write_text(OWN.replace("window.long", "window.lang"))
    wrong = CliRunner().invoke(app, arguments)
    assert wrong.exit_code == 2
    assert ":7:" in wrong.output


def test_the_command_says_which_line_is_no_event(tmp_path: Path) -> None:
    pack, events = tmp_path / "own.yaml", tmp_path / "events.jsonl"
    pack.write_text(OWN)
    events.write_bytes(encode(message("你好")) + b'\n\n{"type": "message.posted"}\n')
    span = ["--from", "2023-01-01", "--to", "2030-01-01", "--events", str(events)]
    told = CliRunner().invoke(app, [str(pack), *span])
    assert told.exit_code == 2
    assert f"{events}:3: not an event as the archive gives it: Object missing" in told.stderr


def test_the_command_goes_by_the_operator_s_lists(tmp_path: Path) -> None:
    pack, events, words = (tmp_path / name for name in ("own.yaml", "e.jsonl", "political.txt"))
    pack.write_text("name: own\nextends: default\ndisable: [political]\n")
    events.write_bytes(encode(message("今晚说说红色暗号")))
    words.write_text("红色暗号\n")
    span = ["--from", "2023-01-01", "--to", "2030-01-01", "--events", str(events), "--json"]
    told = CliRunner().invoke(app, [str(pack), *span, "--lists", str(words)])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["changes"] == {"delete→allow": 1}
    assert json.loads(CliRunner().invoke(app, [str(pack), *span]).stdout)["changes"] == {}
    wrong = CliRunner().invoke(app, [str(pack), *span, "--lists", str(tmp_path / "none.txt")])
    assert (wrong.exit_code, "none.txt" in wrong.output) == (2, True)
    away = CliRunner().invoke(app, [str(pack), *span, "--lists", "http://127.0.0.1:1"])
    assert away.exit_code == 2
