"""What members are listed by, kept apart from them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.scoring.calendar import HOUR
from services.scoring.listing import JUDGED, LISTINGS, SEEN, Seen, judged
from services.scoring.member import Member
from services.scoring.stage import MEMBERS, ScoringPartition, member_id
from services.scoring.told import Told
from shared.events import GroupId, MemberId, Role, TenantId
from shared.stream.contracts import Key, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from tests.unit.scoring.builders import MONDAY, said

AMY = member_id("acme", "g1", "amy")
MEMBER = Member(tenant=TenantId("acme"), group=GroupId("g1"), member=MemberId("amy"))


def heard(halves: list[int], documents: MemoryDocuments) -> dict[Key, Any]:
    """Fold messages, each so many half hours after Monday began."""
    events = [said("amy", MONDAY + half * HOUR // 2) for half in halves]
    fold(ScoringPartition(), [Record(Topic.EVENTS, 0, 0, event) for event in events], documents)
    return documents.by_key


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_listings_are_those_of_the_member_whatever_came_first(halves: list[int]) -> None:
    documents = heard(halves, MemoryDocuments())
    member: Member = documents[MEMBERS, AMY]
    for kind, listed in LISTINGS:
        key: Key = (kind, AMY)
        assert documents.get(key) == listed(member)


def test_a_second_message_of_an_hour_writes_no_listing() -> None:
    world = MemoryDocuments()
    del heard([0], world)[SEEN, AMY]
    assert (SEEN, AMY) not in heard([1], world)
    seen: Seen = heard([2], world)[SEEN, AMY]
    assert seen.seen_hour == (MONDAY + HOUR) // HOUR


def test_who_was_not_judged_has_no_listing_by_judgement() -> None:
    assert judged(MEMBER) is None
    found = judged(replace(MEMBER, told=Told(churn=0.4), role=Role.OPERATOR))
    assert found is not None
    assert (found.churn, found.layer, found.circle) == (0.4, 0, "operators")
    assert JUDGED.type is type(found)
