"""Rule sets, verdicts and mistakes as the console reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from services.console.answers.rules import (
    Backtest,
    Comparison,
    Deployment,
    Mistake,
    Report,
    RuleCounts,
    Trial,
    mistakes,
    moved,
)
from services.console.catalogue import messages
from services.rules.backtests.job import State

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_mistakes_come_in_the_order_of_their_lines() -> None:
    told = [("/source:12:3", "b"), ("/source:4:49", "a"), ("/source", "c")]
    assert mistakes(told) == [Mistake(0, 0, "c"), Mistake(4, 49, "a"), Mistake(12, 3, "b")]


@pytest.mark.parametrize(
    ("version", "step"), [("a@1", "enforce"), ("b@2", "canary"), ("c@3", "published")]
)
def test_a_version_is_as_far_as_the_deployment_says(version: str, step: str) -> None:
    trial = Trial("b@2", "canary", 10, 5.0, NOW, "key_1")
    assert Deployment([], "a@1", trial).step_of(version) == step


def test_the_shipped_rule_set_is_no_version_of_the_tenant_s() -> None:
    assert Deployment([]).step_of("default@1") == "published"


def test_changes_of_decisions_come_with_the_most_frequent_first() -> None:
    told = moved({"allow→delete": 2, "warn→allow": 7})
    assert told == [("warn", "allow", 7), ("allow", "delete", 2)]


def test_only_rules_that_fire_otherwise_are_told() -> None:
    rules = {"same": RuleCounts(4, 4), "new": RuleCounts(0, 9), "less": RuleCounts(3, 1)}
    report = Report("a", "b", 10, Comparison(1, 2, 3), {}, rules, [])
    assert [rule for rule, _ in report.moved_rules] == ["new", "less"]
    assert report.comparison.total == 6


def test_a_backtest_is_read_with_its_span() -> None:
    told: dict[str, Any] = {
        "id": "b",
        "version": "v",
        "state": "done",
        "progress": 1.0,
        "events": 5,
        "error": "",
        "from": "2026-03-01T11:00:00Z",
        "to": "2026-03-01T12:00:00Z",
        "created_at": "2026-03-01T12:00:00Z",
    }
    read = msgspec.json.decode(msgspec.json.encode(told), type=Backtest)
    assert (read.until, (read.until - read.since).total_seconds()) == (NOW, 3600)


def test_every_state_of_a_backtest_has_its_word() -> None:
    assert {f"backtest.{state.value}" for state in State} - messages().keys() == set()
