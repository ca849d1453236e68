from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from shared.events import MemberLeft, MessagePosted, Role
from tests.unit.replay.reading import summary, told, write

IRSSI = """--- Log opened Thu Jan 05 12:00:00 2023
12:30 < Ann> hello there
12:31 <@bo> ann: welcome
12:31 -!- carl [c@host.example] has joined #cats
12:32  * Ann waves
12:33 -!- carl [c@host.example] has quit [Ping timeout]
12:34 -!- dan was kicked from #cats by bo [spam]
12:35 -!- eve [e@h] has left #cats []
12:36 -!- ann is now known as anna
--- Day changed Fri Jan 06 2023
00:01 < Ann> good morning
"""
WEECHAT = (
    "2023-01-05 12:30:00\tAnn\thello there\n"
    "2023-01-05 12:31:00\t@bo\tann: welcome\n"
    "2023-01-05 12:31:30\t-->\tcarl (c@host.example) has joined #cats\n"
    "2023-01-05 12:32:00\t *\tAnn waves\n"
    "2023-01-05 12:33:00\t<--\tcarl (c@host.example) has quit (Ping timeout)\n"
)
BOUNCER = """[12:30:00] <Ann> hello there
[12:31:00] <@bo> ann: welcome
[12:31:30] *** Joins: carl (c@host.example)
[12:32:00] * Ann waves
[12:33:00] *** Quits: carl (c@host.example) (Ping timeout)
"""
HEXCHAT = """**** BEGIN LOGGING AT Thu Jan  5 12:00:00 2023

Jan 05 12:30:00 <Ann>\thello there
Jan 05 12:31:00 <@bo>\tann: welcome
Jan 05 12:31:30 *\tcarl (c@host.example) has joined
Jan 05 12:32:00 *\tAnn waves
Jan 05 12:33:00 *\tcarl has quit (Ping timeout)
"""
SAME = [
    ("message.posted", "ann"),
    ("message.posted", "bo"),
    ("member.joined", "carl"),
    ("message.posted", "ann"),
]


@pytest.mark.parametrize(
    ("name", "log", "group"),
    [
        ("#cats.weechatlog", WEECHAT, "#cats"),
        ("#cats_20230105.log", BOUNCER, "#cats"),
        ("#cats.log", HEXCHAT, "#cats"),
        ("2023-01-05.log", BOUNCER, "irc"),
    ],
)
def test_every_layout_says_the_same(tmp_path: Path, name: str, log: str, group: str) -> None:
    events = told(write(tmp_path / "cats", {name: log}), "irc")
    assert summary(events) == SAME
    assert events[0].time == 1_672_921_800_000
    welcome = events[1]
    assert isinstance(welcome, MessagePosted)
    assert (welcome.mentions, welcome.role) == (["ann"], Role.OPERATOR)
    assert {event.group for event in events} == {group}


def test_irssi(tmp_path: Path) -> None:
    skipped: Counter[str] = Counter()
    events = told(write(tmp_path, {"#cats.log": IRSSI}), "irc", skipped)
    assert summary(events) == [
        *SAME,
        ("member.left", "dan"),
        ("member.left", "eve"),
        ("message.posted", "ann"),
    ]
    kicked = events[4]
    assert isinstance(kicked, MemberLeft)
    assert kicked.reason == "kicked"
    assert events[-1].time == 1_672_963_260_000, "the day has changed"
    assert skipped["changes of names, topics and modes, and lost connections"] == 2


def test_a_channel_with_a_log_a_day_is_one_group(tmp_path: Path) -> None:
    days = {
        f"net/#cats_2023010{day}.log": "[12:30:00] <Ann> hi\n[12:31:00] <bo> ho\n" for day in (5, 6)
    }
    events = told(write(tmp_path, dict(days)), "irc")
    assert {event.group for event in events} == {"#cats"}
    assert events[2].time - events[0].time == 86_400_000
