"""Which part a member plays, today and week by week."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.acts import WEEKS_TOLD, acts_until
from services.scoring.calendar import DAY, day_of, week_of
from services.scoring.member import Member
from services.scoring.parts import Casting, Part, casting_of, weeks_lived
from services.scoring.stage import MEMBERS, member_id
from shared.events import BaseEvent, ContentViewed, ReactionAdded
from shared.verdicts import Flag
from tests.unit.scoring.builders import MONDAY, folded, said, spam

VALUED = "我觉得第二章最好，因为它讲清楚了"
AGAINST = "我不同意，第二章没道理，你说错了"
RECEIPT = "收到"
days_of_acts = st.lists(
    st.tuples(st.integers(0, 110), st.sampled_from([VALUED, AGAINST, RECEIPT, "view", "answer"])),
    min_size=1,
    max_size=60,
)


def amy_after(values: list[BaseEvent | Flag]) -> Member:
    found: Member = folded(values).by_key[MEMBERS, member_id("acme", "g1", "amy")]
    return found


def casting(events: list[BaseEvent], days: int = 1) -> Casting:
    return casting_of(amy_after([*events]), MONDAY + days * DAY)


def messages(count: int, text: str = VALUED, start: int = 0) -> list[BaseEvent]:
    return [said("amy", MONDAY + start + n, text=text) for n in range(count)]


def answers(count: int) -> list[BaseEvent]:
    return [said("bo", MONDAY + n, reply_to_member="amy", text=VALUED) for n in range(count)]


def watching(time: int, n: int) -> list[BaseEvent]:
    common: dict[str, Any] = {
        "source": "test",
        "tenant": "acme",
        "group": "g1",
        "member": "amy",
        "time": time,
    }
    return [
        ReactionAdded(id=f"r{n}", message="m", author="bo", **common),
        ContentViewed(id=f"v{n}", content="c", **common),
    ]


def act(n: int, day: int, what: str) -> BaseEvent:
    time = MONDAY + day * DAY + n
    if what == "view":
        return watching(time, n)[1]
    if what == "answer":
        return said("bo", time, id=str(n), reply_to_member="amy", text=VALUED)
    return said("amy", time, id=str(n), text=what)


def test_who_writes_what_others_answer_is_a_thinker() -> None:
    found = casting([*messages(40), *answers(40)])
    assert found.part is Part.THINKER
    assert found.confidence > 0.7


def test_who_often_disagrees_is_a_critic() -> None:
    found = casting([*messages(20), *messages(20, AGAINST, start=20)])
    assert found.part is Part.CRITIC


def test_who_watches_reacts_and_thanks_is_an_onlooker() -> None:
    events = [each for n in range(10) for each in watching(MONDAY, n)]
    found = casting([*events, *messages(3, RECEIPT)])
    assert (found.part, found.acts) == (Part.ONLOOKER, 23)


def test_who_did_nothing_for_four_weeks_is_silent_the_longer_the_surer() -> None:
    month, year = (casting(messages(40), days) for days in (30, 365))
    assert month.part is year.part is Part.SILENT
    assert month.confidence < year.confidence


def test_little_evidence_gives_little_confidence() -> None:
    assert casting(messages(1)).confidence < 0.2 < casting(messages(40)).confidence


def test_spam_speaks_for_no_part_and_its_reversal_gives_back_what_it_took() -> None:
    events = [*messages(5, RECEIPT), *messages(20, start=10)]
    flags = [spam(event) for event in events[5:]]  # type: ignore[arg-type]
    assert casting_of(amy_after([*events, *flags]), MONDAY).part is Part.ONLOOKER
    assert amy_after([*flags, *events]).acts == amy_after([*events, *flags]).acts


def test_a_part_changes_with_what_the_member_does() -> None:
    watched = [each for n in range(28) for each in watching(MONDAY + n * DAY, n)]
    wrote = [said("amy", MONDAY + n * DAY, text=VALUED) for n in range(28, 56)]
    told = weeks_lived(amy_after([*watched, *wrote]), MONDAY + 90 * DAY)
    parts = [week.casting.part for week in told]
    assert list(dict.fromkeys(parts)) == [Part.ONLOOKER, Part.THINKER, Part.SILENT]
    assert len(told) == WEEKS_TOLD


@given(days_of_acts, st.integers(0, 130))
def test_each_week_is_told_as_it_was_judged_then(acts: list[tuple[int, str]], now: int) -> None:
    """The past is told by what is kept now, yet alike; ninety days later too."""
    events = [act(n, day, what) for n, (day, what) in enumerate(sorted(acts)) if day <= now]
    first = min((event.time for event in events if event.member == "amy"), default=None)
    if first is None:
        return
    amy = amy_after([*events])
    for week in weeks_lived(amy, MONDAY + now * DAY):
        end = MONDAY + (week.last_day - day_of(MONDAY)) * DAY
        known = [event for event in events if event.time < end + DAY]
        assert week.casting == casting_of(amy_after([*known]), end)


@given(days_of_acts, st.randoms())
def test_weeks_follow_one_another_whatever_the_order_of_events(
    acts: list[tuple[int, str]], chance: Random
) -> None:
    events: list[BaseEvent | Flag] = [act(n, day % 91, what) for n, (day, what) in enumerate(acts)]
    events.append(said("amy", MONDAY))
    told = weeks_lived(amy_after(events), MONDAY + 91 * DAY)
    chance.shuffle(events)
    assert weeks_lived(amy_after(events), MONDAY + 91 * DAY) == told
    assert all(later.first_day == week.last_day + 1 for week, later in pairwise(told))
    assert told[-1].last_day == day_of(MONDAY) + 91


def test_what_is_kept_does_not_grow_with_the_years() -> None:
    amy = amy_after([said("amy", MONDAY + day * DAY, text=VALUED) for day in range(0, 1_000, 3)])
    today = day_of(MONDAY) + 999
    assert len(amy.acts) <= 5 * 16
    assert acts_until(amy.acts, week_of(today)).said == len(
        [day for day in range(0, 1_000, 3) if week_of(day_of(MONDAY) + day) > week_of(today) - 4]
    )
