"""Campaigns from draft to what came of them, through the stage."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from services.notify.campaigns.audience import MOST_WATCHES
from services.notify.campaigns.documents import KINDS, MEMBER, group_at, member_at
from services.notify.campaigns.progress import State
from shared.events import (
    Action,
    ActionKind,
    AttributesSet,
    Audience,
    Content,
    GroupId,
    MemberErased,
    MemberId,
    MemberJoined,
    MemberLeft,
    Millis,
    Move,
    Persona,
    Recipient,
    Reminder,
    Role,
    Schedule,
    SegmentChange,
    TenantId,
    Topic,
    Variant,
)
from shared.frequency import Cap, Frequency, QuietHours
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
    "id": "e1",
    "source": "test",
    "tenant": TENANT,
    "group": GroupId("g1"),
    "time": NOW,
}
DAILY = Frequency(caps=[Cap(1, 86_400)])


def test_nothing_is_sent_before_a_campaign_is_approved() -> None:
    world = World()
    world.tell(saved(to_groups("g1", "g2")))
    world.pass_time(10 * MINUTE)
    assert world.campaign().state is State.DRAFT
    assert world.actions == []


def test_an_approved_campaign_reaches_every_group_once_and_is_finished() -> None:
    world = World()
    world.tell(saved(to_groups("g1", "g2", "g3")))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    assert world.texts() == {
        name: [f"周六春游，{name} 的朋友来报名"] for name in ("g1", "g2", "g3")
    }
    assert {action.kind for action in world.actions} == {ActionKind.MESSAGE_SEND}
    assert len({action.id for action in world.actions}) == 3
    done = world.campaign()
    assert (done.state, done.approved_by, done.asked) == (State.FINISHED, "key_boss", 3)
    assert [change.what for change in done.log] == [
        "saved",
        "approve",
        "run 1 started",
        "run 1 ended: 3",
    ]


def test_sends_are_spread_over_time() -> None:
    world = World()
    names = [f"g{i}" for i in range(10)]
    world.tell(saved(to_groups(*names, per_minute=2)))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    assert 2 <= len(world.actions) <= 3
    world.pass_time(5 * MINUTE)
    assert set(world.texts()) == set(names)


def test_a_paused_campaign_sends_nothing_until_it_goes_on() -> None:
    world = World()
    names = [f"g{i}" for i in range(6)]
    world.tell(saved(to_groups(*names, per_minute=2)))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    world.move(Move.PAUSE)
    before = len(world.actions)
    world.pass_time(30 * MINUTE)
    assert len(world.actions) == before
    world.move(Move.RESUME)
    world.pass_time(5 * MINUTE)
    assert sorted(world.texts()) == names
    assert world.campaign().state is State.FINISHED


def test_cancelling_a_campaign_that_has_asked_for_all_withdraws_what_still_waits() -> None:
    world = World()
    night = QuietHours(9 * 60, 12 * 60, "Asia/Shanghai")
    world.tell(saved(to_groups("g1", "g2", frequency=Frequency(quiet=night))))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    assert world.states() == {"g1": "waiting", "g2": "waiting"}
    assert {send.reason for send in world.sends().values()} == {"quiet_hours"}
    assert world.campaign().state is State.FINISHED
    world.move(Move.CANCEL)
    world.pass_time(3 * HOUR, step=MINUTE)
    assert world.states() == {"g1": "cancelled", "g2": "cancelled"}
    assert world.actions == []


def test_what_waits_is_withdrawn_when_its_campaign_is_cancelled_in_flight() -> None:
    world = World()
    night = QuietHours(9 * 60, 12 * 60, "Asia/Shanghai")
    often = Schedule(cron="0 * * * *", zone="Asia/Shanghai")
    campaign = to_groups("g1", "g2", frequency=Frequency(quiet=night), schedule=often)
    world.tell(saved(campaign))
    world.move(Move.APPROVE)
    world.pass_time(HOUR + MINUTE, step=MINUTE)
    assert set(world.states().values()) == {"waiting"}
    world.move(Move.CANCEL)
    world.pass_time(3 * HOUR, step=MINUTE)
    assert set(world.states().values()) == {"cancelled"}
    assert world.actions == []


def test_quiet_hours_put_a_message_off_until_they_end() -> None:
    world = World()
    night = QuietHours(9 * 60, 12 * 60, "Asia/Shanghai")
    world.tell(saved(to_groups("g1", frequency=Frequency(quiet=night))))
    world.move(Move.APPROVE)
    world.pass_time(2 * HOUR - MINUTE, step=MINUTE)
    assert world.actions == []
    world.pass_time(2 * MINUTE)
    assert world.states() == {"g1": "sent"}


def test_a_pause_holds_what_waits_in_groups_too() -> None:
    world = World()
    night = QuietHours(9 * 60, 12 * 60, "Asia/Shanghai")
    often = Schedule(cron="0 10 * * *", zone="Asia/Shanghai")
    world.tell(saved(to_groups("g1", frequency=Frequency(quiet=night), schedule=often)))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    assert world.states() == {"g1": "waiting"}
    world.move(Move.PAUSE)
    world.pass_time(3 * HOUR, step=MINUTE)
    assert world.actions == []
    world.move(Move.RESUME)
    world.pass_time(2 * MINUTE)
    assert world.states() == {"g1": "sent"}


def test_a_message_that_may_not_wait_is_left_out() -> None:
    world = World()
    world.tell(saved(to_members("m1", frequency=DAILY, wait_minutes=0)))
    other = Action(
        id="a1",
        kind=ActionKind.MEMBER_MESSAGE,
        tenant=TENANT,
        group=GroupId("g1"),
        member=MemberId("m1"),
        time=Millis(NOW - HOUR),
        cause="scoring",
    )
    world.tell(other, topic=Topic.ACTIONS)
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    assert world.actions == []
    [send] = world.sends().values()
    assert (send.state, send.reason) == ("skipped", "frequency_cap")


def test_two_campaigns_share_the_cap_of_a_member() -> None:
    world = World()
    for id in ("cp_1", "cp_2"):
        world.tell(saved(to_members("m1", frequency=DAILY), id))
        world.move(Move.APPROVE, id)
    world.pass_time(MINUTE)
    assert len(world.actions) == 1
    world.pass_time(25 * HOUR, step=MINUTE)
    assert len(world.actions) == 1, "after half a day of waiting the second is left out"


def test_a_morning_post_comes_every_day_at_the_local_time() -> None:
    world = World()
    daily = Schedule(cron="30 7 * * *", zone="Asia/Shanghai")
    content = Content(text="早安 {{ date }} {{ time }}")
    world.tell(saved(to_groups("g1", content=content, schedule=daily)))
    world.move(Move.APPROVE)
    world.pass_time(72 * HOUR, step=MINUTE)
    assert world.texts() == {"g1": [f"早安 2026-03-0{day} 07:30" for day in (4, 5, 6)]}


def test_an_activity_is_announced_by_reminders_with_their_own_words() -> None:
    world = World()
    weekly = Schedule(
        cron="0 20 * * 4",
        zone="Asia/Shanghai",
        reminders=[
            Reminder(minutes_before=24 * 60, text="明天 {{ starts_at }} 读书会"),
            Reminder(minutes_before=15, text="还有 {{ minutes_left }} 分钟"),
        ],
    )
    content = Content(text="读书会开始", variants=[Variant(text="vip", groups=[GroupId("g1")])])
    world.tell(saved(to_groups("g1", content=content, schedule=weekly)))
    world.move(Move.APPROVE)
    world.pass_time(3 * 24 * HOUR, step=MINUTE)
    assert world.texts() == {"g1": ["明天 20:00 读书会", "还有 15 分钟", "vip"]}


def test_after_a_long_outage_a_morning_post_is_not_sent_in_the_afternoon() -> None:
    world = World()
    daily = Schedule(cron="30 7 * * *", zone="Asia/Shanghai", grace_minutes=30)
    world.tell(saved(to_groups("g1", schedule=daily)))
    world.move(Move.APPROVE)
    world.now = Millis(NOW + 29 * HOUR)
    world.pass_time(MINUTE)
    assert world.actions == []
    assert world.campaign().log[-1].what == "missed"
    world.pass_time(24 * HOUR, step=MINUTE)
    assert len(world.actions) == 1


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


def test_a_rewritten_campaign_is_a_draft_again() -> None:
    world = World()
    at = Schedule(at=Millis(NOW + HOUR))
    world.tell(saved(to_groups("g1", schedule=at)))
    world.move(Move.APPROVE)
    assert world.campaign().state is State.SCHEDULED
    world.tell(saved(to_groups("g1", name="改了", schedule=at)))
    assert (world.campaign().state, world.campaign().revision) == (State.DRAFT, 2)
    world.pass_time(2 * HOUR, step=MINUTE)
    assert world.actions == []


def test_approval_of_an_older_revision_counts_for_nothing() -> None:
    world = World()
    world.tell(saved(to_groups("g1")))
    world.tell(saved(to_groups("g1", name="改了")))
    world.move(Move.APPROVE, revision=1)
    assert world.campaign().state is State.DRAFT
    world.move(Move.APPROVE, revision=2)
    assert world.campaign().state is not State.DRAFT


@pytest.mark.parametrize("move", [Move.PAUSE, Move.RESUME])
def test_what_is_not_in_its_state_changes_nothing(move: Move) -> None:
    world = World()
    world.tell(saved(to_groups("g1")))
    before = world.campaign()
    world.move(move)
    assert world.campaign() == before


def test_another_tenant_cannot_write_or_move_a_campaign() -> None:
    world = World()
    world.tell(saved(to_groups("g1")))
    before = world.campaign()
    world.tell(saved(to_groups("g9"), tenant=TenantId("other"), id="x"))
    world.tell(structs.replace(saved(to_groups("g9")), tenant=TenantId("other"), id="y"))
    assert world.campaign() == before


def test_a_message_that_is_asked_for_twice_is_said_once() -> None:
    world = World()
    world.tell(saved(to_groups("g1")))
    world.move(Move.APPROVE)
    world.pass_time(MINUTE)
    again = World(documents=world.documents)
    again.documents.by_key[KINDS[0], "cp_1"] = structs.replace(
        world.campaign(), state=State.SCHEDULED, due_at=NOW, runs=0
    )
    again.pass_time(MINUTE)
    assert again.actions == []
