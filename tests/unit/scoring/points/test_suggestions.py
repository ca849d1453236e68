from __future__ import annotations

import pytest

from services.scoring.calendar import DAY
from services.scoring.member import Member
from services.scoring.points.schemas import Window
from services.scoring.points.suggestions import Standing, conditions, goodbye_to
from services.scoring.points.terms import Admission, Terms
from services.scoring.stage import MEMBERS, member_id
from shared.events import Role, TenantId
from tests.unit.scoring.builders import MONDAY, folded, said, spam

TERMS = Terms(tenant=TenantId("acme"))


def amy(*values: object) -> Member:
    found: Member = folded(values).by_key[MEMBERS, member_id("acme", "g1", "amy")]  # type: ignore[arg-type]
    return found


def test_a_long_silence_or_many_flags_suggest_a_farewell_and_say_why() -> None:
    silent = goodbye_to(amy(said("amy", MONDAY)), TERMS, MONDAY + 61 * DAY)
    assert silent is not None
    assert silent.because == "silent for 61 days"
    events = [said("amy", MONDAY + n) for n in range(3)]
    flagged = goodbye_to(amy(*events, *map(spam, events)), TERMS, MONDAY + DAY)
    assert flagged is not None
    assert (flagged.flags, flagged.because) == (3, "flagged 3 times")
    assert goodbye_to(amy(said("amy", MONDAY)), TERMS, MONDAY + 59 * DAY) is None


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OWNER, Role.BOT])
def test_nobody_who_runs_the_group_is_sent_off(role: Role) -> None:
    assert goodbye_to(amy(said("amy", MONDAY, role=role)), TERMS, MONDAY + 365 * DAY) is None


def test_only_conditions_that_ask_for_something_are_told() -> None:
    standing = Standing(level=2, points=180, purchases=0, invited=True)
    found = conditions(Admission(level=2, purchase=True, invited=True), standing)
    assert [(each.name, each.is_met) for each in found] == [
        ("level", True),
        ("purchase", False),
        ("invited", True),
    ]
    assert conditions(Admission(), standing) == []


@pytest.mark.parametrize(
    ("window", "first"),
    [(Window.DAY, 20_475), (Window.WEEK, 20_472), (Window.MONTH, 20_454)],
)
def test_a_window_is_a_calendar_day_a_week_from_monday_or_a_month(
    window: Window, first: int
) -> None:
    assert window.first_day(20_475) == first, "22 January 2026, a Thursday"
