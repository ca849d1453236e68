from __future__ import annotations

from typing import Any

from services.scoring.calendar import DAY
from services.scoring.member import Member
from services.scoring.stage import MEMBERS, member_id
from services.scoring.talk.roles import Casting, Part, casting_of, exchanges
from shared.events import BaseEvent, ContentViewed, ReactionAdded
from tests.unit.scoring.builders import MONDAY, folded, said


def casting(events: list[BaseEvent], edges: list[Any], days: int = 1) -> Casting:
    member: Member = folded(events).by_key[MEMBERS, member_id("acme", "g1", "amy")]
    return casting_of(member, exchanges(edges), MONDAY + days * DAY)


def messages(count: int, text: str = "我觉得第二章最好，因为它讲清楚了") -> list[BaseEvent]:
    return [said("amy", MONDAY + n, text=text) for n in range(count)]


def test_who_writes_what_others_answer_is_a_thinker() -> None:
    found = casting(messages(40), [("amy", "bo", 10.0, 0.0), ("bo", "amy", 40.0, 0.0)])
    assert found.part is Part.THINKER
    assert found.confidence > 0.7


def test_who_often_disagrees_is_a_critic() -> None:
    found = casting(messages(40), [("amy", "bo", 40.0, 25.0)])
    assert found.part is Part.CRITIC


def test_who_watches_reacts_and_thanks_is_an_onlooker() -> None:
    common: dict[str, Any] = {
        "source": "test",
        "tenant": "acme",
        "group": "g1",
        "member": "amy",
        "time": MONDAY,
    }
    events: list[BaseEvent] = [
        *(ReactionAdded(id=f"r{n}", message="m", author="bo", **common) for n in range(10)),
        *(ContentViewed(id=f"v{n}", content="c", **common) for n in range(10)),
        *messages(3, "收到"),
    ]
    assert casting(events, [("amy", "bo", 20.0, 0.0)]).part is Part.ONLOOKER


def test_who_did_nothing_for_four_weeks_is_silent_the_longer_the_surer() -> None:
    month, year = (casting(messages(40), [], days) for days in (30, 365))
    assert month.part is year.part is Part.SILENT
    assert month.confidence < year.confidence


def test_little_evidence_gives_little_confidence() -> None:
    edges = [("bo", "amy", 40.0, 0.0)]
    assert casting(messages(1), edges).confidence < 0.2 < casting(messages(40), edges).confidence
