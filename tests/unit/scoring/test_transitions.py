"""What is told of members as time passes, and what is not."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.calendar import DAY, HOUR, day_of
from services.scoring.layers import BARS, GRACE_DAYS, Layer, standing_of
from services.scoring.lift import RETURN_DAYS, Share, lift_of
from services.scoring.member import Member
from services.scoring.models import CHURN, latest
from services.scoring.stage import MEMBERS, ScoringPartition, member_id
from services.scoring.transitions import WATCHED_DAYS, WIN_BACK_DAYS, held_out
from shared.actions import Action, ActionKind
from shared.events import BaseEvent, GroupId, MemberId, Millis, TenantId
from shared.stream.contracts import Due, Publish, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from tests.unit.scoring.builders import MONDAY, folded, said

NOON = 12 * HOUR


class Life:
    """A member's days, with the timer going off as it falls due."""

    def __init__(self, member: str = "amy") -> None:
        self.member = member
        self.id = member_id("acme", "g1", member)
        self.documents = MemoryDocuments()
        self.actions: list[Action] = []
        self._stage = ScoringPartition()

    @property
    def known(self) -> Member:
        found = self.documents.by_key[MEMBERS, self.id]
        assert isinstance(found, Member)
        return found

    def writes(self, day: int, messages: int = 8, **more: Any) -> None:
        start = MONDAY + day * DAY + NOON
        self.waits(start)
        events = [
            said(self.member, start + n * 1_000, id=f"{day}-{n}", **more) for n in range(messages)
        ]
        records = [Record(Topic.EVENTS, 0, n, event) for n, event in enumerate(events)]
        fold(self._stage, records, self.documents)

    def gets(self, day: int, number: int) -> None:
        """Have them get a campaign's message."""
        at = MONDAY + day * DAY + NOON
        self.waits(at)
        message = Action(
            id=f"campaign-{number}",
            kind=ActionKind.MEMBER_MESSAGE,
            tenant=TenantId("acme"),
            group=GroupId("g1"),
            member=MemberId(self.member),
            time=Millis(at),
            cause="cp_1",
        )
        fold(self._stage, [Record(Topic.ACTIONS, 0, number, message)], self.documents)

    def waits(self, until: int) -> None:
        while (MEMBERS, self.id) in self.documents.by_key:
            due_at = self.known.due_at
            if due_at is None or due_at > until:
                return
            due = Due(MEMBERS, self.id, self.known, Millis(due_at))
            for out in fold(self._stage, [due], self.documents):
                assert isinstance(out, Publish)
                assert isinstance(out.record, Action)
                self.actions.append(out.record)
            assert (self.known.due_at or until + 1) > due_at

    def told(self) -> list[tuple[str, object]]:
        return [(action.kind.value, action.details.get("to")) for action in self.actions]


def of_layer(days: int, at: int) -> Layer:
    events = [said("amy", MONDAY + day * DAY + n) for day in range(days) for n in range(8)]
    member: Member = folded(events).by_key[MEMBERS, member_id("acme", "g1", "amy")]
    return standing_of(member, MONDAY + at * DAY).layer


def test_a_member_rises_at_once_and_sinks_two_weeks_after_falling_below() -> None:
    assert of_layer(28, 27) is Layer.PROFESSIONAL
    falls = next(day for day in range(28, 90) if of_layer(28, day) is not Layer.PROFESSIONAL)
    events = [said("amy", MONDAY + day * DAY + n) for day in range(28) for n in range(8)]
    member: Member = folded(events).by_key[MEMBERS, member_id("acme", "g1", "amy")]
    bar = BARS[0]

    def held(day: int) -> bool:
        at = day_of(MONDAY) + day
        return bar.is_met(member.presence.active_days(at, 28), member.score_on(at), 0.9)

    below = next(day for day in range(28, 90) if not held(day))
    assert falls == below + GRACE_DAYS - 1


def test_who_is_about_to_sink_is_told_when() -> None:
    events = [said("amy", MONDAY + day * DAY + n) for day in range(28) for n in range(8)]
    member: Member = folded(events).by_key[MEMBERS, member_id("acme", "g1", "amy")]
    sinks = [standing_of(member, MONDAY + day * DAY).sinks_in for day in range(28, 60)]
    assert sinks[0] is None
    left = [days for days in sinks if days is not None]
    assert left[0] == GRACE_DAYS - 1
    assert 1 in left


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_the_layer_depends_on_what_was_done_and_not_on_its_order(
    days: list[int], random: Any
) -> None:
    events: list[BaseEvent] = [
        said("amy", MONDAY + day * DAY + n, id=str(n)) for n, day in enumerate(days)
    ]
    shuffled = list(events)
    random.shuffle(shuffled)
    one, other = (
        folded(some).by_key[MEMBERS, member_id("acme", "g1", "amy")] for some in (events, shuffled)
    )
    assert isinstance(one, Member)
    assert isinstance(other, Member)
    for at in range(max(days), max(days) + 60, 7):
        assert standing_of(one, MONDAY + at * DAY) == standing_of(other, MONDAY + at * DAY)


def test_each_layer_gained_is_told_once() -> None:
    amy = Life()
    for day in range(40):
        amy.writes(day)
    assert amy.told() == [
        ("member.promoted", "active"),
        ("member.promoted", "contributor"),
        ("member.promoted", "professional"),
    ]
    assert len({action.id for action in amy.actions}) == 3


def test_who_falls_silent_sinks_is_at_risk_and_is_to_be_won_back_once() -> None:
    amy = next(life for life in map(Life, ["amy", "bo", "chen"]) if not held_out_name(life.member))
    for day in range(40):
        amy.writes(day)
    before = len(amy.actions)
    amy.waits(MONDAY + 300 * DAY)
    after = [kind for kind, _ in amy.told()[before:]]
    assert after.count("member.win_back") == 1
    assert "member.demoted" in after
    (asked,) = (one for one in amy.actions if one.kind == "member.win_back")
    assert int(asked.details["silent_days"]) >= WIN_BACK_DAYS
    assert amy.known.due_at is None, "nobody is watched for ever"
    assert amy.actions[-1].time < MONDAY + (40 + WATCHED_DAYS + 1) * DAY


def held_out_name(name: str) -> bool:
    member: Member = folded([said(name, MONDAY)]).by_key[MEMBERS, member_id("acme", "g1", name)]
    return held_out(member)


def test_who_is_held_out_is_noted_and_not_asked() -> None:
    name = next(f"m{n}" for n in range(100) if held_out_name(f"m{n}"))
    life = Life(name)
    for day in range(40):
        life.writes(day)
    life.waits(MONDAY + 120 * DAY)
    assert "member.win_back" not in [kind for kind, _ in life.told()]
    assert life.known.told.held_out
    assert life.known.told.win_back_at


def test_one_in_ten_is_held_out() -> None:
    assert 60 < sum(held_out_name(f"m{n}") for n in range(1_000)) < 140


def test_nothing_is_told_at_night_nor_twice_a_day() -> None:
    amy = Life()
    for day in range(40):
        amy.writes(day)
    amy.waits(MONDAY + 300 * DAY)
    hours = [(action.time + 8 * HOUR) % DAY // HOUR for action in amy.actions]
    assert all(8 <= hour < 22 for hour in hours)
    times = [action.time for action in amy.actions]
    assert all(later - earlier >= DAY for earlier, later in pairwise(times))


def test_messages_of_campaigns_count_for_how_often_something_is_told_of_a_member() -> None:
    lone, written_to = Life(), Life()
    written_to.gets(0, 0)
    assert written_to.documents.by_key == {}, "a message makes nobody known"
    for day in range(26):
        for life in (lone, written_to):
            life.writes(day)
        if day < 2:
            for number in (2 * day, 2 * day + 1, 2 * day):
                written_to.gets(day, number)
    assert len(lone.actions) > 0
    assert written_to.actions == [], "four messages within 28 days are all that is allowed"
    assert [each.id for each in written_to.known.told.contacts] == [
        f"campaign-{number}" for number in range(4)
    ]


def test_of_history_nothing_is_told_and_what_it_led_to_is_taken_as_known() -> None:
    amy = Life()
    for day in range(40):
        amy.writes(day, backfill=True)
    assert amy.known.told.looked_on == 0
    amy.writes(40)
    amy.writes(41)
    amy.waits(MONDAY + 43 * DAY)
    assert amy.actions == []
    assert amy.known.told.layer == "professional"


def test_who_is_known_from_history_is_judged_once_a_week_of_it() -> None:
    amy = Life()
    looks = set()
    for day in range(40):
        amy.writes(day, backfill=True)
        looks.add(amy.known.due_at)
    assert len(looks) == 7, "the first day, and each week after"
    assert 0 < amy.known.told.churn < 0.1
    assert amy.known.told.layer_place == 3


def test_who_fell_silent_in_history_is_looked_at_until_the_layer_is_lost() -> None:
    amy = Life()
    for day in range(40):
        amy.writes(day, backfill=True)
    looks = 0
    while amy.known.due_at is not None:
        amy.waits(amy.known.due_at)
        looks += 1
    assert amy.known.told.layer_place == 0
    assert looks < 10


def test_the_risk_is_judged_ever_more_seldom_until_who_is_silent_is_no_more_judged() -> None:
    amy = Life()
    amy.writes(0, 1)
    looks, risks = [], []
    while amy.known.due_at is not None:
        due_at = amy.known.due_at
        amy.waits(due_at)
        looks.append(day_of(due_at) - day_of(MONDAY))
        risks.append(amy.known.told.churn)
    assert looks == [0, 1, 2, 4, 8, 16, 30]
    assert risks[:-1] == sorted(risks[:-1])
    assert risks[0] > 0
    assert risks[-1] == 0
    assert amy.known.told.layer_place == 0


def test_a_member_at_risk_is_told_with_the_probability_and_its_reasons() -> None:
    amy = Life()
    for day in range(6):
        amy.writes(day)
    amy.waits(MONDAY + 40 * DAY)
    risks = [action for action in amy.actions if action.kind == "member.at_risk"]
    for risk in risks:
        low, probability, high = (float(risk.details[k]) for k in ("low", "probability", "high"))
        assert probability >= 0.6
        assert low <= probability <= high
        assert risk.details["most_for_it"] in {one.name for one in latest(CHURN).features}
    assert len(risks) == 1


def test_the_lift_is_the_difference_between_those_asked_and_those_held_out() -> None:
    lives = []
    for n in range(60):
        life = Life(f"m{n}")
        for day in range(12):
            life.writes(day)
        life.waits(MONDAY + 45 * DAY)
        if life.known.told.win_back_at and not life.known.told.held_out:
            life.writes(46, 1)
        lives.append(life.known)
    asked = [one for one in lives if one.told.win_back_at]
    assert len(asked) == 60
    at = MONDAY + (46 + RETURN_DAYS) * DAY
    lift = lift_of(asked, at)
    held = sum(one.told.held_out for one in asked)
    assert lift.asked == Share(60 - held, 60 - held)
    assert lift.held_out == Share(held, 0)
    assert lift.difference == 1
    assert lift.margin is not None
    assert lift_of(asked, MONDAY + 46 * DAY).pending == 60
