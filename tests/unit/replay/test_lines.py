"""The formats with an entry a line: Mattermost, activity, Steward's own."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from shared.events import MessagePosted, ReactionAdded, Role
from steward.cloudevents import cloud_event
from steward.replay.activity import stand_in
from steward.replay.json_items import BrokenExportError
from tests.unit.replay.reading import summary, told, write
from tests.unit.scoring.builders import said


def lines(*entries: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(entry)}\n" for entry in entries)


def post(user: str, time: int, **more: Any) -> dict[str, Any]:
    return {"user": user, "message": "hi", "create_at": 1_600_000_000_000 + time, **more}


def channel_post(user: str, time: int, **more: Any) -> dict[str, Any]:
    return {"type": "post", "post": post(user, time, team="t", channel="c", **more)}


def test_mattermost(tmp_path: Path) -> None:
    reaction = {"user": "bo", "emoji_name": "+1", "create_at": 1_600_000_000_050}
    export = lines(
        {"type": "version", "version": 1},
        {"type": "user", "user": {"username": "ann", "roles": "system_user system_admin"}},
        channel_post("bo", 0, type="system_join_channel"),
        channel_post("ann", 1, replies=[post("bo", 9)], reactions=[reaction], edit_at=0),
        channel_post("bo", 2, message="ok", edit_at=1_600_000_000_900),
        channel_post("bo", 3, type="system_header_change"),
        channel_post("bo", 4, type="system_leave_channel"),
        {"type": "direct_post", "direct_post": post("bo", 5, channel_members=["ann", "bo"])},
    )
    skipped: Counter[str] = Counter()
    events = told(write(tmp_path, {"export.jsonl": export}), "mattermost", skipped)
    assert summary(events) == [
        ("member.joined", "bo"),
        ("message.posted", "ann"),
        ("reaction.added", "bo"),
        ("message.posted", "bo"),
        ("message.posted", "bo"),
        ("message.edited", "bo"),
        ("member.left", "bo"),
    ]
    root, reacted, reply = events[1:4]
    assert (root.group, root.role) == ("t/c", Role.OPERATOR)
    assert isinstance(reacted, ReactionAdded)
    assert (reacted.message, reacted.author) == (root.id, "ann")
    assert isinstance(reply, MessagePosted)
    assert (reply.reply_to, reply.reply_to_member) == (root.id, "ann")
    assert skipped == {"direct messages": 1, "messages of the type system_header_change": 1}


def test_activity_is_read_from_gzip_too(tmp_path: Path) -> None:
    path = tmp_path / "activity.tsv.gz"
    rows = ["ts\tuser\tstream\ttopic\tchars", *["1519660926\tu1\ts1\tt1\t20"] * 2]
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    first, second = told(path, "activity-tsv")
    assert isinstance(first, MessagePosted)
    assert isinstance(second, MessagePosted)
    assert (first.group, first.member, first.time) == ("s1", "u1", 1_519_660_926_000)
    assert len(first.text) == len(second.text) == 20
    assert first.text != second.text, "equal texts would be taken for copies"


def test_a_row_that_is_none_stops_with_its_number(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.tsv": "ts\tuser\tstream\ttopic\tchars\n1\tu\ts\n"})
    with pytest.raises(BrokenExportError, match="row 2"):
        told(path, "activity-tsv")


@pytest.mark.parametrize("length", [0, 1, 41, 42, 43, 20_000])
def test_a_text_is_stood_in_for_at_its_length(length: int) -> None:
    assert len(stand_in("a", length)) == length


def test_stewards_own_events_keep_ids_and_sources(tmp_path: Path) -> None:
    event = said("m1", 1_600_000_000_000, role=Role.OWNER)
    export = json.dumps(cloud_event(event)) + '\n{"specversion": "1.0"}\nnot JSON\n'
    skipped: Counter[str] = Counter()
    (again,) = told(write(tmp_path, {"events.ndjson": export}), "steward", skipped)
    assert (again.id, again.source, again.role) == (event.id, "test", Role.OWNER)
    assert skipped == {"lines that are no events": 2}
