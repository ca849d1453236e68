from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from shared.events import MemberJoined, MessagePosted, Role
from tests.unit.replay.reading import summary, told, write


def entry(ts: str, user: str | None = "U1", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "ts": ts, "text": "hi", **more}


USERS = [
    {"id": "U1", "is_owner": True},
    {"id": "U2", "deleted": True},
    {"id": "U3", "is_bot": True},
    {"id": "U4", "is_admin": True},
]


def workspace(**days: list[dict[str, Any]]) -> dict[str, object]:
    channels = [{"id": "C1", "name": "general"}, {"id": "C2", "name": "random"}]
    files = {f"{day.replace('__', '/').replace('_', '-')}.json": told for day, told in days.items()}
    return {"users.json": USERS, "channels.json": channels, **files}


def test_a_zip_is_told_in_order_across_channels(tmp_path: Path) -> None:
    files = workspace(
        general__2020_01_01=[
            entry("1577880000.000100", text="see <https://a.example|this> &amp; <@U2>"),
            entry("1577880300.000200", "U2", thread_ts="1577880000.000100", parent_user_id="U1"),
        ],
        random__2020_01_01=[entry("1577880100.000100", "U4")],
        D0001__2020_01_01=[entry("1577880000.000900")],
    )
    write(tmp_path / "out", files)
    path = Path(shutil.make_archive(str(tmp_path / "slack"), "zip", tmp_path / "out"))
    skipped: Counter[str] = Counter()
    events = told(path, "slack", skipped)
    assert [(event.group, event.member) for event in events] == [
        ("C1", "U1"),
        ("C2", "U4"),
        ("C1", "U2"),
    ]
    assert [event.role for event in events] == [Role.OWNER, Role.OPERATOR, Role.MEMBER]
    first, _, reply = events
    assert isinstance(first, MessagePosted)
    assert (first.text, first.mentions) == ("see this https://a.example & @U2", ["U2"])
    assert first.time == 1_577_880_000_000
    assert isinstance(reply, MessagePosted)
    assert (reply.reply_to, reply.reply_to_member) == ("1577880000.000100", "U1")
    assert skipped["days of direct messages"] == 1


def test_joins_edits_reactions_bots_and_what_is_gone(tmp_path: Path) -> None:
    files = workspace(
        general__2020_01_01=[
            entry("1577880000.1", "U2", subtype="channel_join", inviter="U1"),
            entry("1577880001.1", "U2", edited={"user": "U2", "ts": "1577880050.0"}),
            entry("1577880002.1", reactions=[{"name": "wave", "users": ["U2", "U3"], "count": 2}]),
            entry("1577880003.1", None, subtype="bot_message", bot_id="B1"),
            entry("1577880004.1", "USLACKBOT", subtype="tombstone"),
            entry("1577880005.1", subtype="channel_topic"),
            entry("1577880006.1", None),
            entry("1577880007.1", "U2", subtype="channel_leave"),
        ]
    )
    skipped: Counter[str] = Counter()
    events = told(write(tmp_path, files), "slack", skipped)
    assert summary(events) == [
        ("member.joined", "U2"),
        ("message.posted", "U2"),
        ("message.edited", "U2"),
        ("message.posted", "U1"),
        ("reaction.added", "U2"),
        ("reaction.added", "U3"),
        ("message.posted", "B1"),
        ("message.deleted", "USLACKBOT"),
        ("member.left", "U2"),
    ]
    assert isinstance(events[0], MemberJoined)
    assert events[0].invited_by == "U1"
    assert events[6].role is Role.BOT
    assert skipped == {"messages of the type channel_topic": 1, "messages without an author": 1}
