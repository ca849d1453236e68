from __future__ import annotations

from collections import Counter
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from steward.demo.board import Board, ComingIn, Flagged, GroupState, Leader, clock, visible
from steward.demo.view import Lines, Screen, render, view_for

LURE = "代购清仓，名牌包三折起，正品可验，想要的加微信daigou8866，只剩最后二十个名额" * 3


def board() -> Board:
    return Board(
        clock="15:21",
        total=19_864,
        sent=12_001,
        rate=262.4,
        flagged=12,
        flags=[
            Flagged("15:20", "宝妈互助群", "代购小美", LURE, ["advertising"], LURE, "mute")
        ] * 9,
        coming_in=[ComingIn("15:21", "Python 学习群", "阿雪er", LURE)] * 9,
        leaders=[Leader("南野同学", "宝妈互助群", "active", 812.4)] * 9,
        groups=[GroupState("周末徒步", 41, "quiet", LURE)] * 9,
        webhooks=Counter({"member.welcome": 41, "message.delete": 12}),
        deliveries=Counter(succeeded=50, pending=3),
    )  # fmt: skip


def printed(board: Board, width: int, height: int) -> list[str]:
    console = Console(file=StringIO(), width=width, height=height)
    console.print(render(board, height))
    return str(console.file.getvalue()).rstrip("\n").split("\n")  # type: ignore[attr-defined]


@pytest.mark.parametrize("height", [24, 30, 40, 60])
@pytest.mark.parametrize("width", [100, 120, 160])
def test_the_screen_fits_the_terminal(width: int, height: int) -> None:
    lines = printed(board(), width, height)
    assert len(lines) < height
    assert {cell_len(line) for line in lines} == {width}


def test_the_screen_is_as_high_when_nothing_has_happened_yet() -> None:
    assert len(printed(Board(), 100, 40)) == len(printed(board(), 100, 40))


def test_the_screen_shows_what_is_flagged_and_why() -> None:
    text = "\n".join(printed(board(), 100, 40))
    for part in ("代购小美", "advertising: 代购", "mute", "member.welcome", "41", "812"):
        assert part in text


def test_without_a_terminal_it_prints_plain_lines() -> None:
    console = Console(file=StringIO(), width=100)
    view = view_for(console)
    assert isinstance(view, Lines)
    with view:
        view.show(board())
        view.show(board())
    assert console.file.getvalue() == (  # type: ignore[attr-defined]
        "15:21  12,001/19,864 events, 12 flagged, 53 webhooks, latest: 宝妈互助群 advertising\n"
    )


def test_on_a_terminal_it_paints_the_screen() -> None:
    assert isinstance(view_for(Console(file=StringIO(), force_terminal=True)), Screen)


def test_invisible_characters_are_left_out() -> None:
    assert visible("加\u200b微\u200b信\n8\ufe0f\u20e3") == "加微信 8"


def test_the_clock_tells_hours_and_minutes() -> None:
    assert (clock(0), clock(15.35), clock(23.999)) == ("00:00", "15:21", "23:59")
