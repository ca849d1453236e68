from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from shared.events import Media, MessagePosted, Role
from tests.unit.replay.reading import summary, told, write


def entry(id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "type": "Default",
        "timestamp": "2021-05-01T10:00:00.123+02:00",
        "timestampEdited": None,
        "content": "hi",
        "author": {"id": "10", "name": "ann", "nickname": "Ann", "isBot": False},
        "attachments": [],
        "reactions": [],
        "mentions": [],
        **more,
    }


def channel(*messages: dict[str, Any], guild: str = "500") -> dict[str, Any]:
    about = {"id": "600", "type": "GuildTextChat", "name": "general"}
    server = {"id": guild, "name": "Cats"}
    return {"guild": server, "channel": about, "messages": list(messages), "messageCount": 1}


def test_messages_replies_edits_and_reactions(tmp_path: Path) -> None:
    bot = {"id": "11", "name": "helper", "isBot": True}
    picture = {"id": "1", "url": "u", "fileName": "cat.PNG"}
    reaction = {"emoji": {"id": "", "name": "👍"}, "count": 3, "users": [{"id": "12"}]}
    path = write(
        tmp_path,
        {
            "general.json": channel(
                entry("1", reactions=[reaction], attachments=[picture]),
                entry("2", type="Reply", reference={"messageId": "1"}, author=bot),
                entry("3", timestampEdited="2021-05-01T11:00:00+00:00", mentions=[{"id": "10"}]),
                entry("4", type="GuildMemberJoin", content="joined the server."),
                entry("5", type="ChannelPinnedMessage"),
            )
        },
    )
    skipped: Counter[str] = Counter()
    events = told(path, "discord", skipped)
    assert summary(events) == [
        ("message.posted", "10"),
        ("reaction.added", "12"),
        ("message.posted", "11"),
        ("message.posted", "10"),
        ("message.edited", "10"),
        ("member.joined", "10"),
    ]
    first, reply = events[0], events[2]
    assert isinstance(first, MessagePosted)
    assert (first.group, first.time, first.media) == ("500", 1_619_856_000_123, Media.IMAGE)
    assert isinstance(reply, MessagePosted)
    assert (reply.reply_to_member, reply.role) == ("10", Role.BOT)
    assert skipped["reactions without a name"] == 2
    assert skipped["messages of the type ChannelPinnedMessage"] == 1


def test_direct_messages_are_left_out(tmp_path: Path) -> None:
    assert told(write(tmp_path, {"dm.json": channel(entry("1"), guild="0")}), "discord") == []
