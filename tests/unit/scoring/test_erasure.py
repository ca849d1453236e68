"""Who is erased leaves no score behind, and nothing from before brings it back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.acts import acts_until
from services.scoring.calendar import DAY
from services.scoring.erasure.tombstones import (
    KEPT_DAYS,
    Tombstones,
    erased_until,
    with_tombstone,
)
from services.scoring.group import Group
from services.scoring.member import Member
from services.scoring.profiles.documents import PROFILE_FORGETTINGS, PROFILES, member_id
from services.scoring.segments.definitions import Definitions, InForce
from services.scoring.stage import GROUPS, MEMBERS, ScoringPartition, group_id
from shared.events import BaseEvent, MemberId, MemberJoined, Millis
from shared.members import MemberErased, MemberRequest
from shared.stream.contracts import Due, Outcome, Perform, Publish, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Flag
from tests.unit.scoring.builders import MONDAY, said, spam
from tests.unit.scoring.profiles.folding import ACME, World


def record(value: BaseEvent | Flag | MemberRequest) -> Record:
    if isinstance(value, BaseEvent):
        return Record(Topic.EVENTS, 0, 0, value)
    return Record(Topic.FLAGS if isinstance(value, Flag) else Topic.MEMBERS, 0, 0, value)


def erase(time: int) -> MemberErased:
    return MemberErased(
        id=f"erase-{time}",
        tenant=ACME,
        group="g1",  # type: ignore[arg-type]
        member=MemberId("amy"),
        time=Millis(time),
    )


def test_scores_are_forgotten_and_stay_so() -> None:
    documents = MemoryDocuments()
    old = said("amy", MONDAY)
    reply = said("bo", MONDAY + 1, reply_to="x", reply_to_member="amy")
    late = [
        said("amy", MONDAY + 2),
        spam(old),
        said("bo", MONDAY + 3, reply_to="y", reply_to_member="amy"),
    ]
    values = [old, said("bo", MONDAY), reply, erase(MONDAY + DAY), *late]
    fold(ScoringPartition(), [record(value) for value in values], documents)
    assert "amy" not in repr(documents.by_key), "nothing in flight brings them back"
    group: Group = documents.by_key[GROUPS, group_id("acme", "g1")]
    assert group.members == 1
    assert group.counts["messages"] == 4, "what the group did stays, without a name"
    back = [record(said("amy", MONDAY + 2 * DAY))]
    fold(ScoringPartition(), back, documents)
    amy: Member = documents.by_key[MEMBERS, member_id("acme", "g1", "amy")]
    assert (amy.counts["messages"], amy.circle) == (1, "members")
    assert acts_until(amy.acts, amy.acts[0]).said == 1, "no more than what came afterwards"
    assert documents.by_key[GROUPS, group_id("acme", "g1")].members == 2


def test_who_is_silent_for_longer_than_the_tenant_wants_is_erased() -> None:
    world = World()
    world.tenants.now = InForce(Definitions(tenant=ACME, silent_days=30, version=1))
    world.fold(said("amy", MONDAY))
    world.fold(said("amy", MONDAY + 5 * DAY))
    profile = world.profile()
    assert profile.due_at == MONDAY + 35 * DAY
    id = member_id("acme", "g1", "amy")
    (output,) = world.apply([Due(PROFILES, id, profile, profile.due_at)])
    assert isinstance(output, Publish)
    assert output.topic is Topic.MEMBERS
    assert isinstance(output.record, MemberErased)
    world.fold(output.record)
    assert (PROFILES, id) not in world.documents.by_key


def test_an_erasure_that_overtakes_what_it_erases_keeps_it_out() -> None:
    documents = MemoryDocuments()
    values = [erase(MONDAY + DAY), said("amy", MONDAY), spam(said("amy", MONDAY))]
    fold(ScoringPartition(), [record(value) for value in values], documents)
    world = World()
    world.fold(*values)
    assert "amy" not in repr(documents.by_key)
    assert {key for key in world.documents.by_key if key[0] is PROFILES} == set()


def test_who_was_invited_by_an_erased_member_does_not_name_them() -> None:
    world = World()
    joined = MemberJoined(
        id="join",
        source="test",
        tenant=ACME,
        group="g1",  # type: ignore[arg-type]
        member="bo",  # type: ignore[arg-type]
        time=Millis(MONDAY),
        invited_by="amy",  # type: ignore[arg-type]
    )
    world.fold(joined, erase(MONDAY + DAY))
    (key,) = [key for key in world.documents.by_key if key[0] is PROFILE_FORGETTINGS]
    search = Due(*key, world.documents.by_key[key], Millis(MONDAY + DAY))
    (asked,) = world.apply([search])
    assert isinstance(asked, Perform)
    world.apply([Outcome(asked.task, None, Millis(MONDAY + DAY))])
    assert key in world.documents.by_key, "MongoDB was away: it is asked for again"
    found = [member_id("acme", "g1", "bo")]
    world.apply([Outcome(asked.task, found, Millis(MONDAY + DAY))])
    assert world.profile("bo").invited_by.startswith("erased:")
    assert "amy" not in repr(world.documents.by_key)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 200 * DAY)), max_size=20))
def test_tombstones_keep_the_latest_erasures_and_name_nobody(
    erasures: list[tuple[str, int]],
) -> None:
    tombstones: Tombstones = {}
    for member, until in sorted(erasures, key=lambda each: each[1]):
        tombstones = with_tombstone(tombstones, "acme", f"member-{member}", until)
    latest = max((until for _, until in erasures), default=0)
    for member, until in dict(sorted(erasures, key=lambda each: each[1])).items():
        kept = erased_until(tombstones, "acme", f"member-{member}")
        assert kept == (until if until > latest - KEPT_DAYS * DAY else 0)
        assert erased_until(tombstones, "other", f"member-{member}") == 0
    assert "member-" not in repr(tombstones)
