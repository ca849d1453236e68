"""By what members and groups can be sorted, and where MongoDB keeps what is sorted by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class UnknownOrderError(ValueError):
    """There is no such order; what there is, is in the message."""


class SortKey(NamedTuple):
    """What is stored to sort by.

    `path` is where the document has it. `sparse`: who has none of it (0) is in no
    list that is sorted by it. `wide`: an index leads to it across all groups too.
    """

    path: str
    sparse: bool = False
    wide: bool = True


class Order(NamedTuple):
    """A name to sort by, and its direction: 1 for the least first, -1 for the greatest."""

    name: str
    direction: int


MEMBER_KEYS: Final[Mapping[str, SortKey]] = {
    "member": SortKey("_id"),
    "score": SortKey("rank"),
    "churn": SortKey("churn", sparse=True),
    "layer": SortKey("layer", sparse=True),
    "last_seen": SortKey("seen_hour"),
    "messages": SortKey("messages", wide=False),
    "points": SortKey("total", sparse=True, wide=False),
}
"""`churn` and `layer` are those of the member's latest look; `total` is an account's."""
GROUP_KEYS: Final[Mapping[str, SortKey]] = {
    "group": SortKey("_id"),
    "last_seen": SortKey("last_at"),
    "members": SortKey("members"),
    "health": SortKey("health"),
    "quiet_risk": SortKey("quiet_risk"),
    "active_28_days": SortKey("active_28_days"),
    "messages": SortKey("messages"),
}
"""The last four are those of the watch's latest look."""
LOOKED_AT: Final = frozenset({"health", "quiet_risk", "active_28_days", "messages"})
"""What groups are sorted by as of the watch's latest look."""


def orders(keys: Mapping[str, SortKey]) -> list[str]:
    """Return how things can be sorted: each name, and `-name` for the greatest first."""
    return [f"{sign}{name}" for name in keys for sign in ("", "-")]


def order_of(text: str, keys: Mapping[str, SortKey], *, wide: bool = False) -> Order:
    """Return the order that `-score` names; `wide` is one across all groups.

    Raises `UnknownOrderError`.
    """
    name = text.removeprefix("-")
    if name not in keys:
        raise UnknownOrderError(f"there is no `{text}`; there are {', '.join(orders(keys))}")
    if wide and not keys[name].wide:
        raise UnknownOrderError(f"sorting by `{name}` needs a group")
    return Order(name, -1 if text.startswith("-") else 1)
