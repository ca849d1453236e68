"""Who is erased leaves no score behind, and nothing from before brings it back."""

from __future__ import annotations

from services.scoring.calendar import DAY
from services.scoring.group import Group
from services.scoring.member import ERASED, Member
from services.scoring.profiles.documents import PROFILES, member_id
from services.scoring.segments.definitions import Definitions, InForce
from services.scoring.stage import GROUPS, MEMBERS, ScoringPartition, group_id
from shared.events import BaseEvent, MemberId, Millis
from shared.members import MemberErased, MemberRequest
from shared.stream.contracts import Due, Publish, Record
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
    amy: Member = documents.by_key[MEMBERS, member_id("acme", "g1", "amy")]
    assert amy == Member(
        tenant=amy.tenant, group=amy.group, member=amy.member, erased_at=MONDAY + DAY
    )
    assert amy.circle == ERASED
    group: Group = documents.by_key[GROUPS, group_id("acme", "g1")]
    assert group.members == 1
    assert group.counts["messages"] == 4, "what the group did stays, without a name"
    back = [record(said("amy", MONDAY + 2 * DAY))]
    fold(ScoringPartition(), back, documents)
    amy = documents.by_key[MEMBERS, member_id("acme", "g1", "amy")]
    assert (amy.counts["messages"], amy.circle) == (1, "members")
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
    assert world.profile().first_seen == 0
    assert world.profile().due_at is None
