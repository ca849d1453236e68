from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from shared.events import Media, MemberJoined, MemberLeft, MessageEdited, MessagePosted
from steward.replay.json_items import BrokenExportError
from tests.unit.replay.reading import summary, told, write

START = 1_600_000_000


def entry(id: int, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "type": "message",
        "date": "2020-09-13T12:26:40",
        "date_unixtime": str(START + id),
        "from": "Ann",
        "from_id": "user1",
        "text": "hello",
        "text_entities": [],
        **more,
    }


def service(id: int, action: str, **more: Any) -> dict[str, Any]:
    more = {"actor": "Ann", "actor_id": "user1", "action": action, **more}
    return {k: v for k, v in entry(id, **more).items() if k != "from"} | {"type": "service"}


def chat(*messages: dict[str, Any], type: str = "public_supergroup") -> dict[str, Any]:
    return {"name": "Cats", "type": type, "id": 77, "messages": list(messages)}


def test_messages_have_the_ids_that_bots_see(tmp_path: Path) -> None:
    rich = ["see ", {"type": "link", "text": "http://a.example"}, "!"]
    mention = {"type": "mention_name", "text": "Bo", "user_id": 2}
    path = write(
        tmp_path,
        {
            "result.json": chat(
                entry(1, text=rich, text_entities=[mention]),
                entry(2, from_id="user2", reply_to_message_id=1, edited_unixtime=str(START + 9)),
                entry(3, from_id="channel5", media_type="voice_message", text=""),
                entry(4, **{"from": None, "from_id": "user9"}),
            )
        },
    )
    events = told(path, "telegram")
    first, reply, edit, voice, deleted_account = events
    assert isinstance(first, MessagePosted)
    assert (first.id, first.group, first.member) == ("-10077/1", "-10077", "1")
    assert (first.text, first.mentions) == ("see http://a.example!", ["2"])
    assert isinstance(reply, MessagePosted)
    assert (reply.reply_to, reply.reply_to_member) == ("1", "1")
    assert isinstance(edit, MessageEdited)
    assert (edit.message, edit.time) == ("2", (START + 9) * 1000)
    assert isinstance(voice, MessagePosted)
    assert (voice.member, voice.media) == ("-1005", Media.VOICE)
    assert deleted_account.member == "9"


def test_service_messages_and_reactions(tmp_path: Path) -> None:
    recent = [{"from": "Bo", "from_id": "user2", "date": "2020-09-13T13:00:00"}]
    path = write(
        tmp_path,
        {
            "result.json": chat(
                entry(1, **{"from": "Bo", "from_id": "user2"}),
                service(2, "join_group_by_link"),
                service(3, "invite_members", members=["Bo", "Nobody yet", None]),
                service(4, "remove_members", members=["Bo"]),
                service(5, "pin_message"),
                entry(6, reactions=[{"emoji": "👍", "count": 3, "recent": recent}]),
            )
        },
    )
    skipped: Counter[str] = Counter()
    events = told(path, "telegram", skipped)
    assert summary(events) == [
        ("message.posted", "2"),
        ("member.joined", "1"),
        ("member.joined", "2"),
        ("member.left", "2"),
        ("message.posted", "1"),
        ("reaction.added", "2"),
    ]
    assert isinstance(events[2], MemberJoined)
    assert events[2].invited_by == "1"
    assert isinstance(events[3], MemberLeft)
    assert events[3].reason == "kicked"
    assert skipped["joins of people known only by name"] == 2
    assert skipped["service messages: pin_message"] == 1
    assert skipped["reactions without a name"] == 2


def test_of_an_account_only_groups_and_channels_are_told(tmp_path: Path) -> None:
    private = chat(entry(1), type="personal_chat")
    small = {**chat(entry(2), type="private_group"), "id": 8}
    account = {"about": "", "personal_information": {}, "chats": {"list": [private, small]}}
    skipped: Counter[str] = Counter()
    (event,) = told(write(tmp_path, {"result.json": account}), "telegram", skipped)
    assert (event.id, event.group) == ("-8/2", "-8")
    assert skipped == {"messages of private chats": 1}


def test_an_export_that_is_cut_off_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, {"result.json": chat(entry(1), entry(2))})
    path.write_bytes(path.read_bytes()[:-120])
    with pytest.raises(BrokenExportError, match="cannot be read on"):
        told(path, "telegram")
