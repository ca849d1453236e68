"""What conditions of segments may ask of a member, and when time alone changes the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from services.scoring.clock import TenantClock
from services.scoring.profiles.attributes import Attribute, read
from services.scoring.profiles.profile import Profile
from services.scoring.profiles.steps import ACTIVE
from shared.condition_types import Value

NEVER_DAYS: Final = 36_500
"""The days since something that never happened."""
PREFIX: Final = "attribute."


class Since(NamedTuple):
    """A signal that counts the days since a moment or since a step's last day."""

    step: str | None


class Within(NamedTuple):
    """A signal that counts a step within the days up to now: events, or days with any."""

    step: str
    window: int
    days: bool = False


TIMED: Final[dict[str, Since | Within]] = {
    "days_since_arrival": Since(None),
    "days_since_active": Since(ACTIVE),
    "days_since_message": Since("message.posted"),
    "days_since_order": Since("purchase.made"),
    "active_days_7": Within(ACTIVE, 7, days=True),
    "active_days_28": Within(ACTIVE, 28, days=True),
    "active_days_90": Within(ACTIVE, 90, days=True),
    "messages_7": Within("message.posted", 7),
    "messages_28": Within("message.posted", 28),
    "checkins_28": Within("checkin.made", 28),
    "views_28": Within("content.viewed", 28),
    "needs_28": Within("need", 28),
    "orders_90": Within("purchase.made", 90),
}
"""The signals that change while nothing happens."""

_TOTALS: Final[dict[str, str]] = {
    "messages": "message.posted",
    "reactions": "reaction.added",
    "checkins": "checkin.made",
    "views": "content.viewed",
    "activities": "activity.attended",
    "invites": "invite.accepted",
}

MEANINGS: Final[dict[str, tuple[Value, str]]] = {
    "role": ("member", "what the platform says the member is: member, operator, owner, bot"),
    "present": (False, "seen since they last left the group"),
    "name": ("", "the name last told"),
    "invited": (False, "joined by another member's invitation"),
    "flagged": (0, "events of the member's that were flagged as spam"),
    "interests": ("", "what the member talks about most, each word between two `;`"),
    "layer": ("ordinary", "as of the latest look: ordinary, active, contributor, professional"),
    "churn": (0.0, "as of the latest look: probability of silence for 90 days, 0.0 to 1.0"),
    "orders": (0, "orders of all time"),
    "spent": (0, "amount of all time in the currency of most orders, in minor units (分)"),
    "currency": ("", "that currency"),
    **{name: (0, f"`{step}` events of all time") for name, step in _TOTALS.items()},
    "days_since_arrival": (NEVER_DAYS, "days since the member was first seen in the group"),
    "days_since_active": (NEVER_DAYS, "days since the last active day"),
    "days_since_message": (NEVER_DAYS, "days since the last message"),
    "days_since_order": (NEVER_DAYS, "days since the last order"),
    "active_days_7": (0, "active days of the last 7"),
    "active_days_28": (0, "active days of the last 28"),
    "active_days_90": (0, "active days of the last 90"),
    "messages_7": (0, "messages of the last 7 days"),
    "messages_28": (0, "messages of the last 28 days"),
    "checkins_28": (0, "check-ins of the last 28 days"),
    "views_28": (0, "contents viewed in the last 28 days"),
    "needs_28": (0, "messages of the last 28 days that ask for prices, links or how to get it"),
    "orders_90": (0, "orders of the last 90 days"),
}
"""By signal: its value when nothing is known, and what it says."""


JUDGEMENTS: Final = frozenset({"layer", "churn"})
"""The signals that scoring finds when it looks at a member, not the profile's own."""


def defaults(attributes: Mapping[str, Attribute]) -> dict[str, Value]:
    """Return every signal that a tenant's conditions may name, with its value for nobody."""
    own = {f"{PREFIX}{name}": each.type.nothing for name, each in attributes.items()}
    return {name: value for name, (value, _) in MEANINGS.items()} | own


def signals(
    profile: Profile,
    interests: str,
    attributes: Mapping[str, Attribute],
    names: frozenset[str],
    clock: TenantClock,
) -> dict[str, Value]:
    """Return those of the named signals that are not what nobody has, as of `profile.as_of`."""
    purchases, totals = profile.purchases, profile.steps.totals
    currency = purchases.currency
    values: dict[str, Value] = {
        "role": profile.role.value,
        "present": profile.is_present,
        "name": profile.name,
        "invited": bool(profile.invited_by),
        "flagged": profile.flagged,
        "interests": interests,
        "layer": profile.layer,
        "churn": profile.churn,
        "orders": purchases.orders,
        "spent": purchases.totals.get(currency, (0, 0))[1],
        "currency": currency,
    }
    for name, step in _TOTALS.items():
        values[name] = totals.get(step, 0)
    today = clock.day(profile.as_of)
    for name, timed in TIMED.items():
        if name in names:
            values[name] = _timed(profile, timed, today, clock)
    for name, text in profile.attributes.items():
        if name in attributes:
            values[f"{PREFIX}{name}"] = read(attributes[name].type, text)
    return {name: values[name] for name in names & values.keys()}


def next_day(
    profile: Profile,
    names: Iterable[str],
    compared: Mapping[str, list[int] | None],
    clock: TenantClock,
) -> int | None:
    """Return the first day after today on which one of the signals may answer otherwise.

    `compared` holds the numbers that a signal is compared with; None where it
    is used in another way, and then any day may be that day.
    """
    today = clock.day(profile.as_of)
    days: list[int] = []
    for name in names:
        timed = TIMED.get(name)
        if isinstance(timed, Within):
            oldest = profile.steps.oldest(timed.step, today, timed.window)
            days += [] if oldest is None else [oldest + timed.window]
        elif timed is not None:
            start = _start(profile, timed, clock)
            numbers = compared.get(name)
            if start is not None:
                days += _crossings(start, today, numbers)
    return min((day for day in days if day > today), default=None)


def _crossings(start: int, today: int, numbers: list[int] | None) -> list[int]:
    if numbers is None:
        return [today + 1]
    return [start + number + further for number in numbers for further in (0, 1)]


def _start(profile: Profile, timed: Since, clock: TenantClock) -> int | None:
    if timed.step is not None:
        return profile.steps.latest(timed.step)
    return clock.day(profile.first_seen) if profile.first_seen else None


def _timed(profile: Profile, timed: Since | Within, today: int, clock: TenantClock) -> int:
    if isinstance(timed, Since):
        start = _start(profile, timed, clock)
        return NEVER_DAYS if start is None else max(0, today - start)
    if timed.days:
        return profile.steps.days(timed.step, today - timed.window + 1, today).bit_count()
    return profile.steps.count(timed.step, today, timed.window)
