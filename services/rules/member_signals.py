"""What conditions may know of the member who acts. Pure."""

from __future__ import annotations

from shared.condition_types import Value


def add_member(signals: dict[str, Value], removals: int, age: int | None) -> None:
    """Add the signals of a member: removals that count, seconds since they joined if known."""
    if removals:
        signals["member.removals"] = removals
    if age is not None:
        signals["member.joined"] = True
        signals["member.age"] = age
