"""What needs a person today, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.console.answers.cases import CaseSummary
from services.console.answers.deliveries import State, StateCount
from services.console.answers.groups import Arrivals, Group, Silence, Talk
from services.console.needs import Reason, failing_of, needs_of
from tests.unit.console.endpoints import endpoint

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def group(name: str, **values: Any) -> Group:
    calm: dict[str, Any] = {
        "group": name,
        "health": 90,
        "stage": "mature",
        "because": "",
        "members": 60,
        "active_today": 9,
        "active_7_days": 30,
        "active_28_days": 40,
        "speaking_ratio": 0.5,
        "messages_7_days": 300,
        "messages": 900,
        "operator_messages": 90,
        "operator_share": 0.1,
        "bot_messages": 0,
        "spam": 0,
        "spam_share": 0.0,
        "silence": Silence(0, 2, 10),
        "talk": Talk(30, 0.3, 0.4, 8.0),
        "newcomers": Arrivals(0, 0, 0),
        "flags": {},
        "first_seen": NOW,
        "last_seen": NOW,
    }
    return Group(**{**calm, **values})


def case(name: str, *, overdue: bool = False) -> CaseSummary:
    return CaseSummary(
        id=f"case-{name}",
        state="open",
        reason="suspected",
        group=name,
        member="m",
        labels=[],
        rules=[],
        risk=0.5,
        text="",
        flag="f",
        opened_at=NOW,
        assignee="",
        reporters=0,
        appealed=overdue,
        overdue=overdue,
    )


def reasons(groups: list[Group], cases: list[CaseSummary]) -> dict[str, list[Reason]]:
    found = needs_of(groups, cases)
    assert [need.urgency for need in found] == sorted(
        (need.urgency for need in found), reverse=True
    )
    return {need.group: [why.reason for why in need.why] for need in found}


def test_a_group_that_is_well_needs_nobody() -> None:
    assert reasons([group("calm")], []) == {}


def test_a_quiet_group_in_danger_comes_before_one_with_a_case() -> None:
    dying = group("dying", health=20, stage="quiet", silence=Silence(40, 5, 15))
    found = reasons([group("busy"), dying], [case("busy")])
    assert found == {"dying": [Reason.QUIET, Reason.DANGER], "busy": [Reason.CASES]}
    assert list(found) == ["dying", "busy"]


def test_each_trouble_is_a_reason_with_its_figures() -> None:
    troubled = group(
        "troubled",
        spam_share=0.12,
        newcomers=Arrivals(9, 6, 2),
        talk=Talk(9, 0.93, 0.8, 1.5),
    )
    (need,) = needs_of([troubled], [])
    assert {why.reason: why.figures for why in need.why} == {
        Reason.NEWCOMERS: {"n": 4},
        Reason.SPAM: {"share": "12%"},
        Reason.FEW_TALKERS: {"share": "93%"},
    }


def test_a_dead_group_asks_for_nothing_but_its_cases() -> None:
    dead = group("dead", health=0, stage="dead", silence=Silence(2_000, 5, 15))
    assert reasons([dead], [case("dead")]) == {"dead": [Reason.CASES]}


def test_cases_of_groups_that_were_not_looked_at_count_and_overdue_ones_come_first() -> None:
    found = needs_of([], [case("a"), case("a"), case("b", overdue=True)])
    assert [(need.group, need.health) for need in found] == [("b", None), ("a", None)]
    assert found[1].why[0].figures == {"n": 2}


def test_endpoints_that_fail_are_told_with_what_was_given_up() -> None:
    endpoints = [
        endpoint("fine"),
        endpoint("off", disabled_by_steward="failed for 5 days"),
        endpoint("alone", breaker="open"),
        endpoint("dead"),
    ]
    stats = [StateCount("fine", State.SUCCEEDED, 9), StateCount("dead", State.DEAD, 3)]
    found = [(each.endpoint.id, each.dead) for each in failing_of(endpoints, stats)]
    assert found == [("dead", 3), ("alone", 0), ("off", 0)]
