"""What members and groups can be sorted by."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.scoring.listing import Judged, Seen
from services.scoring.ordering import (
    GROUP_KEYS,
    LOOKED_AT,
    MEMBER_KEYS,
    Order,
    UnknownOrderError,
    order_of,
    orders,
)
from services.scoring.stage import GROUPS, MEMBERS
from services.scoring.watch import Watch

ROOT = Path(__file__).parents[3]


def test_a_minus_puts_the_greatest_first() -> None:
    assert order_of("-churn", MEMBER_KEYS) == Order("churn", -1)
    assert order_of("health", GROUP_KEYS) == Order("health", 1)
    assert all(order_of(text, MEMBER_KEYS).name in text for text in orders(MEMBER_KEYS))


@pytest.mark.parametrize("wrong", ["", "-", "--score", "shoe_size", "score,messages", "Score"])
def test_an_order_that_there_is_not_is_named(wrong: str) -> None:
    with pytest.raises(UnknownOrderError, match="there are member, -member"):
        order_of(wrong, MEMBER_KEYS)


def test_across_all_groups_only_what_has_an_index_sorts() -> None:
    assert order_of("-last_seen", MEMBER_KEYS, wide=True) == Order("last_seen", -1)
    with pytest.raises(UnknownOrderError, match="needs a group"):
        order_of("-messages", MEMBER_KEYS, wide=True)


def test_what_is_sorted_by_is_shown_to_mongodb() -> None:
    apart = {*Seen.__struct_fields__, *Judged.__struct_fields__}
    paths = {key.path for name, key in MEMBER_KEYS.items() if name != "points"}
    assert paths <= {*MEMBERS.shown, *apart, "_id"}
    looked_at = {GROUP_KEYS[name].path for name in LOOKED_AT}
    assert looked_at <= set(Watch.__struct_fields__)
    assert {key.path for key in GROUP_KEYS.values()} - looked_at <= {*GROUPS.shown, "_id"}


def test_every_order_is_documented() -> None:
    page = (ROOT / "docs" / "scoring.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for name in {*MEMBER_KEYS, *GROUP_KEYS}:
        assert any(line.startswith(f"| `{name}` |") for line in rows), name
