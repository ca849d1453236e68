"""An erased member is named in no message and no delivery any more."""

from __future__ import annotations

import pytest
from msgspec import structs

from services.notify.campaigns.documents import SEND, member_at
from services.notify.campaigns.sends import State
from services.notify.erasure import forgetting
from services.notify.erasure.forgetting import ERASURE
from shared.actions import ActionKind
from shared.campaigns import Move
from shared.erasures import LOOKS
from shared.events import GroupId, MemberId, MemberJoined
from shared.frequency import Frequency
from shared.members import MemberErased
from shared.topics import Topic
from tests.unit.notify.campaigns.builders import HOUR, MINUTE, NOW, TENANT, World, saved, to_members

SECOND = 1_000
HOURLY = Frequency(pause_seconds=3_600)
ERASED = MemberErased(id="r1", tenant=TENANT, group=GroupId("g1"), time=NOW, member=MemberId("m1"))


def sent_to(*members: str) -> World:
    """Return a world in which two campaigns have written to members; the second has to wait."""
    world = World()
    for id in ("cp_1", "cp_2"):
        world.tell(saved(to_members(*members, frequency=HOURLY), id))
        world.move(Move.APPROVE, id)
    world.pass_time(MINUTE)
    return world


def test_messages_forget_an_erased_member_and_what_waited_is_left_out() -> None:
    world = sent_to("m1", "m2")
    world.tell(ERASED, topic=Topic.MEMBERS)
    world.pass_time(SECOND)
    sends = [each for (kind, _), each in world.documents.by_key.items() if kind is SEND]
    assert [each for each in sends if each.member == "m1" or "m1" in str(each.ask)] == []
    assert {each.state for each in sends if each.member == "m2"} == {State.SENT, State.WAITING}
    forgotten = {(each.state, each.reason) for each in sends if each.member == "erased"}
    assert forgotten == {(State.SENT, ""), (State.SKIPPED, "left")}


def test_the_owners_of_endpoints_are_asked_to_forget_a_member() -> None:
    world = sent_to("m1", "m2")
    [told] = [each for each in world.actions if each.member == "m1"]
    world.tell(ERASED, topic=Topic.MEMBERS)
    world.pass_time(SECOND)
    [asked] = world.forgotten
    assert (asked.id, asked.forget, asked.identity != asked.id) == (f"wh-{told.id}", True, True)
    assert (asked.action.id, asked.action.kind) == (told.id, ActionKind.MEMBER_MESSAGE)
    assert asked.action.member is None
    assert (asked.action.text, asked.action.details) == ("", {})


def test_it_is_looked_again_for_what_was_under_way_and_then_no_more() -> None:
    world = sent_to("m1")
    world.tell(ERASED, topic=Topic.MEMBERS)
    world.pass_time(3 * HOUR, step=MINUTE)
    assert len({each.identity for each in world.forgotten}) == LOOKS == len(world.forgotten)
    assert [kind for kind, _ in world.documents.by_key if kind is ERASURE] == []


def member_is_known(world: World) -> bool:
    return member_at(TENANT, "g1", "m1") in world.documents.by_key


def test_what_was_sent_before_and_is_told_of_after_makes_no_erased_member_known() -> None:
    world = sent_to("m1")
    [told] = world.actions
    erased = structs.replace(ERASED, time=world.now)
    world.tell(erased, topic=Topic.MEMBERS)
    world.tell(told, topic=Topic.ACTIONS)
    assert member_is_known(world)
    world.pass_time(SECOND)
    assert not member_is_known(world)
    world.tell(told, topic=Topic.ACTIONS)
    world.pass_time(2 * HOUR, step=MINUTE)
    assert not member_is_known(world)


def test_a_member_who_comes_back_or_is_written_to_since_is_known() -> None:
    for since in (
        structs.replace(sent_to("m1").actions[0], id="later", time=NOW + HOUR),
        MemberJoined(
            id="j1",
            source="test",
            tenant=TENANT,
            group=GroupId("g1"),
            member="m1",
            time=NOW,
            name="M",
        ),
    ):
        world = sent_to("m1")
        world.tell(structs.replace(ERASED, time=world.now), topic=Topic.MEMBERS)
        world.tell(since, topic=Topic.ACTIONS if since.id == "later" else Topic.EVENTS)
        world.pass_time(3 * HOUR, step=MINUTE)
        assert member_is_known(world)


def test_while_nothing_can_be_read_it_is_tried_again() -> None:
    world = sent_to("m1")
    world.readable = False
    world.tell(ERASED, topic=Topic.MEMBERS)
    world.pass_time(5 * MINUTE, step=MINUTE)
    assert world.forgotten == []
    world.readable = True
    world.pass_time(2 * MINUTE, step=MINUTE)
    assert len(world.forgotten) == 1


def test_however_many_messages_there_are_all_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    for number in range(7):
        world.tell(saved(to_members("m1"), f"cp_{number}"))
        world.move(Move.APPROVE, f"cp_{number}")
    world.pass_time(MINUTE)
    assert len(world.actions) == 7
    monkeypatch.setattr(forgetting, "MOST_FOUND", 3)
    monkeypatch.setattr("tests.unit.notify.campaigns.builders.MOST_FOUND", 3)
    world.tell(ERASED, topic=Topic.MEMBERS)
    world.pass_time(SECOND)
    assert len({each.id for each in world.forgotten}) == 7
    assert [each for each in world.sends().values() if each.member == "m1"] == []
