"""Friend requests and direct messages: what they say, and how often somebody is asked."""

from __future__ import annotations

import pytest

from shared.actions import ActionKind
from shared.events import ContactRequested
from shared.stream.contracts import Output
from tests.unit.rules.judging import World, actions, event, flags

AGAINST = {ActionKind.MEMBER_WARN, ActionKind.MEMBER_MUTE, ActionKind.MEMBER_BAN}


def request(text: str, number: int = 0, target: str = "t1") -> ContactRequested:
    asked: ContactRequested = event(ContactRequested, number, text=text, target=target)
    return asked


def done(outputs: list[Output]) -> list[ActionKind]:
    return [action.kind for action in actions(outputs) if action.kind in AGAINST]


@pytest.mark.parametrize(
    "text",
    [
        "你就是个傻逼贱人",
        "我要杀了你全家",
        "kill yourself bitch",
        "带你日赚500，加我微信abc8888",
        "hi I'm from the admin team, please send me your password",
    ],
)
def test_what_would_go_as_a_message_is_warned_of_as_a_request(text: str) -> None:
    assert done(World().see(request(text))) == [ActionKind.MEMBER_WARN]


@pytest.mark.parametrize(
    "text", ["你好，我是隔壁班的小李", "", "hi, we met at the meetup", "群里看到你在问相机，加一下"]
)
def test_an_ordinary_request_is_let_be(text: str) -> None:
    assert done(World().see(request(text))) == []


def test_who_asks_the_same_person_again_and_again_is_warned() -> None:
    world = World()
    outputs = [world.see(request("在吗", n * 300)) for n in range(10)]
    assert [bool(done(each)) for each in outputs[:7]] == [False] * 7
    assert ActionKind.MEMBER_WARN in done(outputs[7])
    assert all(flag.labels for each in outputs for flag in flags(each))
