"""Campaigns from draft to what came of them, through the stage."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from services.notify.campaigns.documents import KINDS
from services.notify.campaigns.progress import State
from shared.actions import Action, ActionKind
from shared.campaigns import Content, Move, Reminder, Schedule, Variant
from shared.events import GroupId, MemberId, Millis, TenantId
from shared.frequency import Cap, Frequency, QuietHours
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
