from __future__ import annotations

import pytest

from services.scoring import talkers
from services.scoring.calendar import DAY, HOUR
from services.scoring.health import health_of
from services.scoring.lifecycle import LifeStage, stage_of
from services.scoring.pulse import Pulse, pulse_of
from services.scoring.rings import Ring
from shared.events import BaseEvent, MemberJoined, Role
from tests.unit.scoring.builders import MONDAY, chatter, group_of, said, spam


def pulse_after(events: list[BaseEvent], days: float) -> Pulse:
    return pulse_of(group_of(events), MONDAY + int(days * DAY))


def histogram(*counts: int) -> Ring:
    ring: Ring = []
    for count in counts:
        for n in range(count):
            ring = talkers.moved(ring, 7, n, n + 1)
    return ring


def exact_gini(counts: list[int]) -> float:
    ordered, n = sorted(counts), len(counts)
    weighted = sum((2 * rank - n - 1) * count for rank, count in enumerate(ordered, start=1))
    return weighted / (n * sum(counts))


def test_four_who_talk_alone_are_all_of_the_talk() -> None:
    four = talkers.describe(histogram(100, 120, 90, 110))
    assert four.people == 4
    assert four.top_share == 1
    many = talkers.describe(histogram(*[10] * 40))
    assert many.top_share == pytest.approx(0.1)
    assert many.half == pytest.approx(20)
    assert many.gini == pytest.approx(0)


@pytest.mark.parametrize("counts", [[1, 2, 3, 50, 200], [5] * 10 + [300], [1] * 100 + [40] * 4])
def test_gini_of_the_histogram_is_close_to_the_exact_one_and_below(counts: list[int]) -> None:
    gini = talkers.describe(histogram(*counts)).gini
    assert exact_gini(counts) - 0.05 <= gini <= exact_gini(counts) + 1e-9


def test_moving_back_leaves_the_histogram_as_it_was() -> None:
    ring = histogram(3, 17)
    assert talkers.moved(talkers.moved(ring, 7, 17, 3), 7, 3, 17) == ring


def test_members_active_in_a_window_are_counted_once() -> None:
    pulse = pulse_after(chatter(days=10), 9.9)
    assert (pulse.active_today, pulse.active_week, pulse.active_month) == (8, 8, 8)
    later = pulse_after(chatter(days=10), 9.9 + 10)
    assert (later.active_today, later.active_week, later.active_month) == (0, 0, 8)


def test_spam_is_counted_apart_and_not_as_talk() -> None:
    events = chatter(days=3)
    advert = said("lurer", MONDAY + 2 * DAY, text="加微信赚钱")
    pulse = pulse_of(group_of([*events, advert, spam(advert)]), MONDAY + 3 * DAY)
    assert pulse.messages == len(events)
    assert pulse.spam == 1
    assert pulse.active_month == 8


def test_operators_and_bots_are_counted_apart() -> None:
    boss = [said("boss", MONDAY + n * HOUR, role=Role.OPERATOR) for n in range(30)]
    bot = [said("bot", MONDAY + n * HOUR, role=Role.BOT) for n in range(20)]
    pulse = pulse_after([*chatter(days=1, per_day=10), *boss, *bot], 2)
    assert (pulse.messages, pulse.operator_messages, pulse.bot_messages) == (10, 30, 20)
    assert pulse.operator_share == 0.75
    assert pulse.members == 9


def joined(member: str, time: int) -> MemberJoined:
    return MemberJoined(
        id=f"join-{member}", source="test", tenant="acme", group="g1", member=member, time=time
    )


def test_newcomers_are_those_who_joined_and_had_a_day_to_be_answered() -> None:
    start = MONDAY + 5 * DAY
    events: list[BaseEvent] = [
        *chatter(days=6),
        *(joined(name, start) for name in ("ann", "ben", "cat")),
        *(said(name, start + HOUR) for name in ("ann", "ben")),
        said("member-1", start + 3 * HOUR, reply_to_member="ann"),
    ]
    soon = pulse_of(group_of(events), start + 20 * HOUR).newcomers
    assert (soon.arrived, soon.spoke, soon.answered) == (0, 0, 0)
    later = pulse_of(group_of(events), start + 30 * HOUR).newcomers
    assert (later.arrived, later.spoke, later.answered) == (3, 2, 1)


def test_without_join_events_who_appears_in_a_known_group_is_new() -> None:
    events = [*chatter(days=20), said("ann", MONDAY + 18 * DAY)]
    newcomers = pulse_after(events, 20).newcomers
    assert (newcomers.arrived, newcomers.spoke) == (1, 1)


def test_a_lively_group_is_healthy_and_says_why() -> None:
    health = health_of(pulse_after(chatter(days=60), 59.8))
    assert health.score >= 80
    assert all(part.because for part in health.parts)
    assert {"activity", "trend", "balance"} <= {part.name for part in health.parts}


def test_health_sinks_with_silence_spam_and_a_monologue() -> None:
    lively = chatter(days=60)
    healthy = health_of(pulse_after(lively, 59.8)).score
    assert health_of(pulse_after(lively, 75)).score < healthy - 30
    assert health_of(pulse_after(lively, 100)).score == 0
    adverts = [said("lurer", MONDAY + 59 * DAY + n, text="加微信") for n in range(100)]
    flags = [spam(advert) for advert in adverts]
    assert health_of(pulse_of(group_of([*lively, *adverts, *flags]), MONDAY + 60 * DAY)).score < (
        healthy
    )
    few = health_of(pulse_after(chatter(days=60, people=2), 59.8)).score
    assert few < healthy - 10


@pytest.mark.parametrize(
    ("days", "at", "stage"),
    [
        (5, 4.8, LifeStage.FORMING),
        (40, 39.8, LifeStage.GROWING),
        (80, 79.8, LifeStage.MATURE),
        (80, 83, LifeStage.QUIET),
        (80, 120, LifeStage.DEAD),
    ],
)
def test_a_group_goes_through_its_stages(days: int, at: float, stage: LifeStage) -> None:
    assert stage_of(pulse_after(chatter(days), at))[0] is stage


def test_an_older_group_that_seldom_talks_is_not_called_quiet_overnight() -> None:
    seldom = [said("amy", MONDAY + day * DAY) for day in (0, 200)]
    assert stage_of(pulse_after(seldom, 201))[0] is not LifeStage.QUIET
    assert stage_of(pulse_after(seldom, 230))[0] is LifeStage.QUIET
    new = [said("amy", MONDAY + 200 * DAY)]
    assert stage_of(pulse_of(group_of(new), MONDAY + 201 * DAY))[0] is LifeStage.QUIET


def test_a_group_that_halves_declines_and_one_that_doubles_grows() -> None:
    few, many = chatter(80, people=3), chatter(80, people=12)
    change = MONDAY + 50 * DAY
    before_few = [event for event in few if event.time < change]
    before_many = [event for event in many if event.time < change]
    shrinking = [*before_many, *(event for event in few if event.time >= change)]
    growing = [*before_few, *(event for event in many if event.time >= change)]
    assert stage_of(pulse_after(shrinking, 79.8))[0] is LifeStage.DECLINING
    assert stage_of(pulse_after(growing, 79.8))[0] is LifeStage.GROWING
