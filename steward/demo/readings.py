"""What Steward's REST interface answers, read into what the board and the summary show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from shared.events import Millis
from shared.verdicts import Flag
from steward.cloudevents import rfc3339
from steward.demo.account import Rest
from steward.demo.board import GroupState, Leader
from steward.demo.story import Day

_LEADERS: Final = 12
_PAGE: Final = 100
_SILENT: Final = ("quiet", "dead")
_NOTABLE: Final = 0.01
"""Share of its health that something must cost a group to be told."""


@dataclass(frozen=True)
class Deliveries:
    """How many deliveries are in which state, and how long those that succeeded took (ms)."""

    states: Counter[str]
    mean_ms: float


async def new_flags(rest: Rest, known: Collection[str]) -> dict[str, Flag]:
    """Return the flags that are not known yet, by id.

    Reads pages, latest first, until one holds nothing new; a flag that came
    late to an early event is found when nothing is said to be known.
    """
    found: dict[str, Flag] = {}
    cursor: dict[str, str] = {}
    while True:
        page = await rest.get("rules", "/v1/flags", limit=_PAGE, **cursor)
        flags = [_flag(item) for item in page["items"]]
        fresh = {flag.id: flag for flag in flags if flag.id not in known}
        found |= fresh
        if not fresh or not page["next"]:
            return found
        cursor = {"cursor": page["next"]}


async def groups(rest: Rest, day: Day, at: Millis) -> list[GroupState]:
    """Return how the groups are doing at a moment of the day, the worst first."""
    answers = await rest.every("scoring", "/v1/groups", explain="true", at=rfc3339(at))
    states = [_group(answer, day) for answer in answers]
    return sorted(states, key=lambda state: state.health)


async def leaders(rest: Rest, day: Day) -> list[Leader]:
    """Return the members with the highest scores in a group."""
    page = await rest.get("scoring", "/v1/leaderboard", limit=_LEADERS)
    return [_leader(item["member"], day) for item in page["items"]]


async def deliveries(rest: Rest) -> Deliveries:
    """Return how Steward's webhooks went."""
    stats = (await rest.get("notify", "/v1/delivery-stats"))["items"]
    states: Counter[str] = Counter()
    total_ms = 0.0
    for item in stats:
        states[item["state"]] += item["deliveries"]
        if item["state"] == "succeeded":
            total_ms += item["deliveries"] * (item["mean_ms"] or 0.0)
    return Deliveries(states, total_ms / max(1, states["succeeded"]))


def _flag(answer: Mapping[str, Any]) -> Flag:
    """REST tells a flag's time in words; it is that of its event."""
    return msgspec.convert({**answer, "time": answer["event"]["time"]}, Flag)


def _group(answer: Mapping[str, Any], day: Day) -> GroupState:
    """What weighs on a group is its silence, or the part that costs it most of its health."""
    parts = answer["explain"]
    worst = max(parts, key=lambda part: (1 - part["value"]) * part["weight"])
    weighs = (1 - worst["value"]) * worst["weight"] >= _NOTABLE * sum(p["weight"] for p in parts)
    why = worst["because"] if weighs else ""
    if answer["stage"] in _SILENT:
        why = answer["because"]
    return GroupState(
        name=day.communities[answer["group"]].plan.name,
        health=answer["health"],
        stage=answer["stage"],
        why=why,
    )


def _leader(member: Mapping[str, Any], day: Day) -> Leader:
    group = day.communities[member["group"]].plan.name
    return Leader(member["name"] or member["member"], group, member["layer"], member["score"])
