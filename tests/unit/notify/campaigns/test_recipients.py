"""Who is written to, in which words, who is not, and what they did afterwards."""

from __future__ import annotations

from typing import Any

from services.notify.campaigns.audience import MOST_WATCHES
from services.notify.campaigns.documents import MEMBER, group_at, member_at
from shared.actions import ActionKind
from shared.campaigns import Audience, Content, Move, Persona, Recipient, Schedule, Variant
from shared.events import GroupId, MemberId, MemberJoined, MemberLeft, Role
from shared.frequency import Cap, Frequency
from shared.members import AttributesSet, MemberErased, SegmentChange
from shared.topics import Topic
from tests.unit.notify.campaigns.builders import (
    HOUR,
    MINUTE,
    NOW,
    TENANT,
    World,
    saved,
    to_groups,
    to_members,
)

ANN: dict[str, Any] = {
    "id": "e1",
    "source": "test",
    "tenant": TENANT,
    "group": GroupId("g1"),
    "time": NOW,
}
DAILY = Frequency(caps=[Cap(1, 86_400)])


def test_members_get_the_variant_of_their_segment_and_their_name() -> None:
    world = World()
    for member, name in (("m1", "小明"), ("m2", "小红")):
        joined = MemberJoined(**{**ANN, "id": member, "member": MemberId(member), "name": name})
        world.tell(joined, topic=Topic.EVENTS)
    change = SegmentChange(
        id="s1",
        tenant=TENANT,
        group=GroupId("g1"),
        member=MemberId("m2"),
        segment="vip",
        entered=True,
        time=NOW,
    )
    world.tell(change, topic=Topic.SEGMENTS)
    attributes = AttributesSet(
        id="r1",
        tenant=TENANT,
        group=GroupId("g1"),
        time=NOW,
        member=MemberId("m1"),
        attributes={"city": "杭州"},
    )
    world.tell(attributes, topic=Topic.MEMBERS)
    content = Content(
        text="{{ member.name }}，{{ member.city }}见",
        variants=[Variant(text="贵宾 {{ member.name }}", segments=["vip"])],
    )
    world.tell(saved(to_members("m1", "m2", content=content)))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    assert [action.text for action in world.actions] == ["小明，杭州见", "贵宾 小红"]
    assert {action.kind for action in world.actions} == {ActionKind.MEMBER_MESSAGE}


def test_a_persona_says_it_in_their_own_voice() -> None:
    world = World()
    persona = Persona(id="lan", name="小岚", signature="—— 小岚", voice={"hello": "嗨嗨"})
    content = Content(text="{{ persona.hello }}，我是{{ persona.name }}", persona=persona)
    world.tell(saved(to_groups("g1", content=content)))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    [action] = world.actions
    assert action.text == "嗨嗨，我是小岚\n—— 小岚"
    assert (action.details["persona"], action.details["campaign"]) == ("lan", "cp_1")


def test_what_cannot_be_said_to_a_member_fails_for_that_member_alone() -> None:
    world = World()
    joined = MemberJoined(**{**ANN, "member": MemberId("m1"), "name": "小明"})
    world.tell(joined, topic=Topic.EVENTS)
    content = Content(text="{{ member.name }}你好，{{ member.city }}")
    world.tell(saved(to_members("m1", content=content), "cp_1"))
    world.tell(saved(to_members("m1"), "cp_2"))
    world.move(Move.APPROVE, "cp_1")
    world.move(Move.APPROVE, "cp_2")
    world.pass_time(MINUTE)
    assert [action.cause for action in world.actions] == ["cp_2"]
    failed = [each for each in world.sends().values() if each.state == "failed"]
    assert all("city" in each.reason for each in failed)


def test_who_has_left_is_not_written_to() -> None:
    world = World()
    fields = {**ANN, "member": MemberId("m1")}
    world.tell(MemberJoined(**fields), topic=Topic.EVENTS)
    world.tell(MemberLeft(**{**fields, "id": "e2"}), topic=Topic.EVENTS)
    world.tell(saved(to_members("m1")))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    [send] = world.sends().values()
    assert (send.state, send.reason) == ("skipped", "left")


def test_a_member_who_is_erased_is_forgotten() -> None:
    world = World()
    world.tell(MemberJoined(**{**ANN, "member": MemberId("m1")}), topic=Topic.EVENTS)
    assert (member_at(TENANT, "g1", "m1")) in world.documents.by_key
    erased = MemberErased(
        id="r1", tenant=TENANT, group=GroupId("g1"), time=NOW, member=MemberId("m1")
    )
    world.tell(erased, topic=Topic.MEMBERS)
    assert [kind for kind, _ in world.documents.by_key if kind is MEMBER] == []


def test_an_audience_that_must_be_read_is_read_part_by_part() -> None:
    world = World()
    world.audience = [Recipient(GroupId("g1"), MemberId(f"m{i}")) for i in range(250)]
    world.tell(saved(to_groups(audience=Audience(segments=["vip"]))))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    assert len(world.actions) == 250
    assert len({action.member for action in world.actions}) == 250


def test_an_audience_that_cannot_be_read_is_tried_again() -> None:
    world = World(readable=False)
    world.audience = [Recipient(GroupId("g1"))]
    world.tell(saved(to_groups(audience=Audience(every_group=True))))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    assert world.actions == []
    world.readable = True
    world.pass_time(MINUTE)
    assert len(world.actions) == 1


def test_without_an_endpoint_nothing_is_sent_and_that_is_told() -> None:
    world = World()
    world.endpoints.there = False
    world.tell(saved(to_groups("g1")))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    assert world.actions == []
    assert world.sends()["g1"].reason == "no_endpoint"


def test_the_held_out_get_nothing_and_are_the_same_in_every_run() -> None:
    world = World()
    names = [f"g{i}" for i in range(200)]
    daily = Schedule(cron="30 7 * * *", zone="Asia/Shanghai")
    world.tell(saved(to_groups(*names, schedule=daily, holdout=0.25, watch_hours=1)))
    world.move(Move.APPROVE)
    world.pass_time(22 * HOUR, step=MINUTE)
    held_out = {name for name, state in world.states().items() if state == "held_out"}
    assert 30 <= len(held_out) <= 70
    world.pass_time(24 * HOUR, step=MINUTE)
    assert len(world.actions) == 2 * (200 - len(held_out))
    assert set(world.texts()).isdisjoint(held_out)


def test_what_recipients_do_afterwards_is_counted_until_the_watch_ends() -> None:
    world = World()
    world.tell(saved(to_groups("g1", "g2", watch_hours=2)))
    world.say("before")
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    world.say("after")
    world.say("a bot", role=Role.BOT)
    world.say("history", backfill=True)
    world.pass_time(3 * HOUR, step=MINUTE)
    world.say("too late")
    assert {name: send.messages for name, send in world.sends().items()} == {"g1": 1, "g2": 0}
    group = world.documents.by_key[group_at(TENANT, "g1")]
    assert group.watches == []


def test_watches_of_a_group_are_bounded() -> None:
    world = World()
    for number in range(MOST_WATCHES + 5):
        id = f"cp_{number}"
        world.tell(saved(to_groups("g1"), id))
        world.move(Move.APPROVE, id)
    world.pass_time(MINUTE)
    assert len(world.documents.by_key[group_at(TENANT, "g1")].watches) == MOST_WATCHES
