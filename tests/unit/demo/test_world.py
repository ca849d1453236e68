from __future__ import annotations

from shared.actions import ActionKind
from shared.events import (
    GroupId,
    MemberId,
    MessageId,
    MessagePosted,
    Millis,
    ReactionAdded,
    TenantId,
)
from steward.demo.world import Webhook, World


def posted(time: int, member: str = "u1", message: str = "m1") -> MessagePosted:
    return MessagePosted(
        id=f"e{time}",
        source="demo-platform",
        tenant=TenantId("demo"),
        group=GroupId("cats"),
        member=MemberId(member),
        time=Millis(time),
        message=MessageId(message),
    )


def asked(kind: ActionKind, **fields: object) -> Webhook:
    known = {"id": "a1", "group": "cats", "time": Millis(1000), "member": "u1", **fields}
    return Webhook(type=kind, **known)  # type: ignore[arg-type]


def test_a_muted_member_may_not_write_until_the_mute_is_over() -> None:
    world = World()
    world.execute(asked(ActionKind.MEMBER_MUTE, seconds=60))
    assert not world.admit(posted(60_999))
    assert world.admit(posted(61_000))
    assert world.refused == {"e60999"}


def test_a_mute_holds_for_one_member_and_for_writing_only() -> None:
    world = World()
    world.execute(asked(ActionKind.MEMBER_MUTE, seconds=60))
    assert world.admit(posted(2000, member="u2"))
    reaction = ReactionAdded(
        id="r", source="s", tenant=TenantId("demo"), group=GroupId("cats"),
        member=MemberId("u1"), time=Millis(2000), message=MessageId("m1"),
    )  # fmt: skip
    assert world.admit(reaction)


def test_a_shorter_mute_does_not_shorten_a_longer_one() -> None:
    world = World()
    world.execute(asked(ActionKind.MEMBER_MUTE, seconds=600))
    world.execute(asked(ActionKind.MEMBER_MUTE, seconds=1, id="a2"))
    assert not world.admit(posted(100_000))


def test_a_banned_member_never_writes_again() -> None:
    world = World()
    world.execute(asked(ActionKind.MEMBER_BAN))
    assert not world.admit(posted(10**12))


def test_a_deleted_message_is_no_longer_to_be_seen() -> None:
    world = World()
    world.admit(posted(500))
    world.execute(asked(ActionKind.MESSAGE_DELETE, message="m1"))
    assert not world.visible
    assert world.removed == {("cats", "m1")}


def test_welcomes_and_replies_are_posted_in_the_group() -> None:
    world = World()
    world.execute(asked(ActionKind.MEMBER_WELCOME, text="欢迎"))
    world.execute(asked(ActionKind.MESSAGE_REPLY, text="看群公告", id="a2"))
    assert world.posts["cats"] == ["欢迎", "看群公告"]
