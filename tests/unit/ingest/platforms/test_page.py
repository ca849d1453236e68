"""The page of the platforms says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from services.ingest.platforms import dingtalk, discord, feishu, slack, wecom
from services.ingest.platforms.contract import LONGEST_TEXT, MOST_IN_ONE, Mapped
from services.ingest.platforms.generic import (
    FUNCTIONS,
    LONGEST,
    MOST_RULES,
    MOST_SUMS,
    check_mapping,
)
from services.ingest.platforms.table import PLATFORMS, check_secrets

PAGE = (Path(__file__).parents[4] / "docs" / "platforms.md").read_text()
STALE = {
    "slack": slack.TOLERANCE_SECONDS,
    "discord": discord.TOLERANCE_SECONDS,
    "feishu": feishu.TOLERANCE_SECONDS,
    "dingtalk": dingtalk.TOLERANCE_SECONDS,
    "wecom": wecom.TOLERANCE_SECONDS,
}


def cell(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "–"


def section(platform: str) -> str:
    found = re.search(
        rf"^## {platform}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL | re.IGNORECASE
    )
    assert found is not None
    return found[1]


def test_the_page_has_every_platform_with_its_secrets_and_tolerance() -> None:
    rows = [
        f"| `{platform.name}` | {cell(platform.needs)} | {cell(platform.may)} | "
        + (f"{STALE[platform.name]} s |" if platform.name in STALE else "– |")
        for platform in PLATFORMS.values()
    ]
    table = PAGE.partition("a request is stale after |\n| --- | --- | --- | --- |\n")[2]
    assert table.partition("\n\n")[0].splitlines() == rows


@pytest.mark.parametrize("name", sorted(PLATFORMS.keys() - {"generic"}))
def test_the_page_has_what_becomes_of_each_event_of_a_platform(name: str) -> None:
    rows = re.findall(r"^\| `[^`]+` \| `.*$", section(name), re.MULTILINE)
    becomes = PLATFORMS[name].becomes.items()
    assert rows == [f"| `{kind}` | {cell(types)} |" for kind, types in becomes]


def test_every_secret_is_told_where_it_comes_from() -> None:
    for platform in PLATFORMS.values():
        text = section("any other platform" if platform.name == "generic" else platform.name)
        for secret in platform.needs + platform.may:
            assert f"`{secret}`" in text or f"{secret}:" in text


def test_the_example_of_a_mapping_can_be_stored() -> None:
    example = re.search(r"```json\n(.*?)```", section("any other platform"), re.DOTALL)
    assert example is not None
    hook = json.loads(example[1])["hook"]
    check_secrets(PLATFORMS["generic"], hook["secrets"])
    check_mapping(msgspec.convert(hook["mapping"], Mapped))


def test_the_page_has_the_bounds_of_a_mapping() -> None:
    text = section("any other platform")
    assert f"at most {MOST_IN_ONE}" in text
    assert f"up to {LONGEST} characters with at most {MOST_SUMS} `+`" in text
    assert f"at most {MOST_RULES} rules" in text
    assert f"{LONGEST_TEXT:,} characters" in text
    assert all(f"`{name}`" in text for name in FUNCTIONS)
