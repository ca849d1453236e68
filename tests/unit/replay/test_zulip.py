from __future__ import annotations

import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

from shared.events import MessagePosted, ReactionAdded, Role
from tests.unit.replay.reading import summary, told, write

REALM = {
    "zerver_userprofile": [
        {"id": 1, "full_name": "Ann", "is_bot": False, "role": 100},
        {"id": 2, "full_name": "Bo", "is_bot": False, "role": 400},
    ],
    "zerver_userprofile_crossrealm": [{"id": 3, "is_bot": True, "role": 400}],
    "zerver_recipient": [
        {"id": 70, "type": 2, "type_id": 7},
        {"id": 71, "type": 1, "type_id": 2},
    ],
    "zerver_reaction": [
        {"id": 1, "message": 13, "user_profile": 1, "emoji_name": "tada"},
        {"id": 2, "message": 11, "user_profile": 2, "emoji_name": "tada"},
        {"id": 3, "message": 13, "user_profile": 2, "emoji_name": "eyes"},
        {"id": 4, "message": 12, "user_profile": 1, "emoji_name": "eyes"},
    ],
}


def entry(id: int, sender: int, recipient: int = 70, **more: Any) -> dict[str, Any]:
    content = {"id": id, "sender": sender, "recipient": recipient, "content": "hi"}
    return {**content, "subject": "t", "date_sent": 1_600_000_000.25 + id, **more}


def test_a_tar_is_unpacked_and_told(tmp_path: Path) -> None:
    messages = [
        {"zerver_message": [entry(11, 1), entry(12, 2, 71)], "zerver_usermessage": []},
        {"zerver_message": [entry(13, 3), entry(14, 2, last_edit_time=1_600_000_500.0)]},
    ]
    files = {f"x/messages-00000{number}.json": one for number, one in enumerate(messages, 1)}
    write(tmp_path / "out", {"x/realm.json": REALM, **files})
    path = tmp_path / "zulip.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(tmp_path / "out" / "x", "x")
    skipped: Counter[str] = Counter()
    events = told(path, "zulip", skipped)
    assert summary(events) == [
        ("message.posted", "1"),
        ("reaction.added", "2"),
        ("message.posted", "3"),
        ("reaction.added", "1"),
        ("reaction.added", "2"),
        ("message.posted", "2"),
        ("message.edited", "2"),
    ]
    posted = [event.role for event in events if isinstance(event, MessagePosted)]
    assert posted == [Role.OWNER, Role.BOT, Role.MEMBER]
    first = events[0]
    assert isinstance(first, MessagePosted)
    assert (first.id, first.group, first.time) == ("11", "7", 1_600_000_011_250)
    assert skipped == {"direct messages": 1}


def test_a_reaction_has_the_time_and_the_author_of_its_message(tmp_path: Path) -> None:
    files = {"realm.json": REALM, "messages-000001.json": {"zerver_message": [entry(13, 3)]}}
    write(tmp_path, files)
    posted, *reactions = told(tmp_path, "zulip")
    assert {each.time for each in reactions} == {posted.time}
    told_of = [each for each in reactions if isinstance(each, ReactionAdded)]
    assert [(each.id, each.author, each.emoji, each.role) for each in told_of] == [
        ("13/reaction/1/tada", "3", "tada", Role.OWNER),
        ("13/reaction/2/eyes", "3", "eyes", Role.MEMBER),
    ]
