"""docs/connectors.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from services.notify.connectors import discord, slack, telegram
from services.notify.connectors.registry import BY_TYPE
from services.notify.connectors.robots import AUDIENCES, DingTalk, Feishu, WeCom
from services.notify.endpoints import EndpointType
from shared.actions import ActionKind

PAGE = (Path(__file__).parents[3] / "docs" / "connectors.md").read_text()
PLATFORMS = [each for each in EndpointType if each is not EndpointType.WEBHOOK]
LONGEST = {
    EndpointType.TELEGRAM: f"{telegram.MOST_CHARACTERS:,} characters",
    EndpointType.SLACK: f"{slack.MOST_CHARACTERS:,} characters",
    EndpointType.DISCORD: f"{discord.MOST_CHARACTERS:,} characters",
    EndpointType.FEISHU: f"{Feishu.MOST_BYTES:,} bytes",
    EndpointType.WECOM: f"{WeCom.MOST_BYTES:,} bytes",
    EndpointType.DINGTALK: f"{DingTalk.MOST_BYTES:,} bytes",
}


def rows(first: str) -> list[list[str]]:
    """Return the cells of the table whose first heading this is, heading included."""
    [body] = re.findall(rf"^(\| {first} \|(?:.*\n\|)*.*)$", PAGE, re.MULTILINE)
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in body.split("\n")]


def test_its_table_of_actions_is_the_connectors() -> None:
    heading, _, *lines = rows("action")
    assert heading[1:] == PLATFORMS
    told = {
        (line[0], name)
        for line in lines
        for name, cell in zip(heading, line, strict=True)
        if cell == "yes"
    }
    assert told == {
        (kind.value, platform.value)
        for platform in PLATFORMS
        for kind in ActionKind
        if kind in BY_TYPE[platform].kinds
    }


def test_its_limits_are_the_connectors() -> None:
    lines = PAGE.partition("## How fast")[2].splitlines()
    told = {
        cells[1].strip(" `"): (float(cells[2]), cells[4].strip())
        for cells in (line.split("|") for line in lines if line.startswith("| `"))
        if cells[1] != " `type` "
    }
    assert told == {
        platform.value: (round(BY_TYPE[platform].rate or 0, 2), LONGEST[platform])
        for platform in PLATFORMS
    }


def test_its_codes_and_options_are_the_connectors() -> None:
    assert all(f"{code}" in PAGE for code in WeCom.TOO_FAST)
    assert {130_101, 660_026} <= set(DingTalk.TOO_FAST)
    assert 11_232 in Feishu.TOO_FAST
    assert f'"audience": "{AUDIENCES[1]}"' in PAGE
    assert f"less than {telegram.LEAST_MUTE_SECONDS} seconds" in PAGE
    assert f"at most {discord.MOST_MUTE_SECONDS // 86_400} days" in PAGE
