"""Relays of one group's messages to others, and what keeps them from going round."""

from __future__ import annotations

from typing import Any

import pytest

from services.notify.campaigns.relaying import SIGNALS
from shared.campaigns import Persona, Relay, RelaySaved
from shared.condition_types import ConditionError
from shared.conditions import Condition
from shared.events import (
    GroupId,
    Media,
    MemberId,
    MessageDeleted,
    MessageEdited,
    MessageId,
    RelayPosted,
    Role,
)
from shared.frequency import Cap, Frequency
from shared.topics import Topic
from shared.verdicts import Decision, Flag, Label
from tests.unit.notify.campaigns.builders import MINUTE, NOW, TENANT, World, posted


def relay(source: str = "g1", *targets: str, id: str = "rl_1", **more: Any) -> RelaySaved:
    names = [GroupId(each) for each in targets or ("g2", "g3")]
    made = Relay(name=id, source=GroupId(source), targets=names, **more)
    return RelaySaved(
        id=f"{id}-saved", tenant=TENANT, campaign=id, time=NOW, group=GroupId(source), relay=made
    )


def relaying(*relays: RelaySaved) -> World:
    world = World()
    world.tell(*(relays or (relay(),)))
    return world


def flagged(text: str, decision: Decision, spam: bool) -> Flag:
    return Flag(
        id="f1",
        event=posted(text),
        time=NOW,
        labels=[Label.ADVERTISING],
        risk=0.9,
        decision=decision,
        spam=spam,
        rule_set="r1",
    )


def test_a_message_is_said_in_every_target_after_the_delay() -> None:
    world = relaying()
    world.say("本周读书：小王子")
    world.pass_time(4_000)
    assert world.actions == []
    world.pass_time(5_000)
    assert world.texts() == {"g2": ["本周读书：小王子"], "g3": ["本周读书：小王子"]}
    assert all(action.details["origin"] == "g1" for action in world.actions)
    assert set(world.states().values()) == {"sent"}


def test_other_groups_are_not_relayed() -> None:
    world = relaying()
    world.say("hello", group="g9")
    world.pass_time(MINUTE)
    assert world.actions == []


@pytest.mark.parametrize(
    ("decision", "spam", "passed"),
    [(Decision.DELETE, True, 0), (Decision.WATCH, True, 0), (Decision.WARN, False, 2)],
)
def test_what_is_flagged_in_time_is_not_passed_on(
    decision: Decision, spam: bool, passed: int
) -> None:
    world = relaying()
    world.say("加微信")
    world.tell(flagged("加微信", decision, spam), topic=Topic.FLAGS)
    world.pass_time(MINUTE)
    assert len(world.actions) == passed


def test_what_is_deleted_in_time_is_not_passed_on_and_what_is_edited_is_as_it_is_now() -> None:
    world = relaying()
    fields: dict[str, Any] = {
        "source": "test",
        "tenant": TENANT,
        "group": GroupId("g1"),
        "member": MemberId("m1"),
        "time": world.now,
    }
    world.say("a")
    world.say("b")
    gone = MessageDeleted(id="d", message=MessageId("g1-a"), **fields)
    new = MessageEdited(id="e", message=MessageId("g1-b"), text="c", **fields)
    world.tell(gone, new, topic=Topic.EVENTS)
    world.pass_time(MINUTE)
    assert world.texts() == {"g2": ["c"], "g3": ["c"]}


@pytest.mark.parametrize("text", ["你好", " 你好  "])
def test_two_groups_that_relay_to_each_other_do_not_echo(text: str) -> None:
    world = relaying(relay("g1", "g2"), relay("g2", "g1", id="rl_2"))
    world.say("你好", group="g1")
    world.pass_time(MINUTE)
    world.say(text, group="g2", member="the-platforms-robot")
    world.pass_time(MINUTE)
    assert world.texts() == {"g2": ["你好"]}
    world.say("你也好", group="g2")
    world.pass_time(MINUTE)
    assert world.texts() == {"g2": ["你好"], "g1": ["你也好"]}


def test_bots_relays_and_history_are_not_relayed() -> None:
    world = relaying()
    world.say("beep", role=Role.BOT)
    world.say("long ago", backfill=True)
    relayed = RelayPosted(
        id="r",
        source="test",
        tenant=TENANT,
        group=GroupId("g1"),
        member=MemberId("m1"),
        time=world.now,
        message=MessageId("x"),
        origin=GroupId("g0"),
        text="from afar",
    )
    world.tell(relayed, topic=Topic.EVENTS)
    world.pass_time(MINUTE)
    assert world.actions == []


@pytest.mark.parametrize(
    ("where", "passes"),
    [
        ("length > 3", True),
        ("length > 30", False),
        ("role == 'operator'", True),
        ("text.contains('http')", False),
        ("media == 'text' && !reply && mentions == 0", True),
        ("member == 'm2' || member == 'm1'", True),
    ],
)
def test_only_what_the_condition_holds_for_is_relayed(where: str, passes: bool) -> None:
    world = relaying(relay(where=where))
    world.say("周六爬山集合", role=Role.OPERATOR, media=Media.TEXT)
    world.pass_time(MINUTE)
    assert bool(world.actions) == passes


def test_a_condition_on_what_there_is_not_is_refused() -> None:
    with pytest.raises(ConditionError, match="is `length` meant"):
        Condition("lenght > 3", SIGNALS)


def test_a_relay_has_its_own_words_and_persona() -> None:
    text = "【{{ origin }}】{{ author }}：{{ text }}"
    world = relaying(relay("g1", "g2", text=text, persona=Persona(id="p", name="小岚")))
    world.say("早")
    world.pass_time(MINUTE)
    [action] = world.actions
    assert action.text == "【g1】m1：早"
    assert action.details["persona"] == "p"


def test_a_message_that_is_template_code_is_passed_on_as_it_is() -> None:
    world = relaying(relay("g1", "g2"))
    world.say("{{ 7 * 7 }} {% raw %}")
    world.pass_time(MINUTE)
    assert world.texts() == {"g2": ["{{ 7 * 7 }} {% raw %}"]}


def test_more_than_its_limit_is_left_out() -> None:
    hourly = Frequency(caps=[Cap(2, 3_600)])
    world = relaying(relay("g1", "g2", frequency=hourly))
    for number in range(5):
        world.say(f"news {number}")
        world.pass_time(MINUTE)
    assert world.texts() == {"g2": ["news 0", "news 1"]}


@pytest.mark.parametrize("change", ["removed", "switched off"])
def test_a_relay_that_ended_passes_on_nothing_even_of_what_waits(change: str) -> None:
    world = relaying()
    world.say("早")
    off = None if change == "removed" else relay(enabled=False).relay
    world.tell(
        RelaySaved(
            id="rl_1-2", tenant=TENANT, campaign="rl_1", time=NOW, group=GroupId("g1"), relay=off
        )
    )
    world.say("晚")
    world.pass_time(MINUTE)
    assert world.actions == []
