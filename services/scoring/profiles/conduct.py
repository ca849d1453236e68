"""How a group is run: its operators' share of talk and promotion, and whether newcomers return."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from math import sqrt
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.clock import TenantClock
from services.scoring.profiles.profile import Profile
from services.scoring.profiles.steps import ACTIVE
from services.scoring.rings import Ring, bump, rows, since, total
from shared.actions import Action, ActionKind
from shared.events import BaseEvent, GroupId, MessagePosted, Millis, Role, TenantId, derive_id
from shared.verdicts import Label

PROMOTING: Final = frozenset(
    {Label.ADVERTISING, Label.CONTACT_LURE, Label.LINK_DROP, Label.OVER_PROMOTION}
)
"""What a flag says of an operator's message that promotes something."""
DAYS_KEPT: Final = 28
ARRIVALS_KEPT: Final = 91
RETURN_DAYS: Final = 7
WINDOW: Final = 7
COOL_DOWN_DAYS: Final = 7
SETTLING_DAYS: Final = 14
"""Who is first seen within so many days after the group itself was, need not be new."""
LEAST_MESSAGES: Final = 10
MOST_PROMOTION: Final = 0.3
MOST_BROADCASTS: Final = 5.0
MOST_BROADCAST_SHARE: Final = 0.5
_WIDTH: Final = 5
_OPERATORS, _BROADCASTS, _PROMOTIONS, _MEMBERS = 1, 2, 3, 4
_ARRIVALS: Final = 3


class Complaint(StrEnum):
    """What can be wrong with how a group is run."""

    OVER_PROMOTION = "over_promotion"
    BROADCAST_LOAD = "broadcast_load"


class Conduct(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Whole numbers by day, from events in any order.

    `days` is a ring of messages by operators, those of them addressed to nobody
    (broadcasts) and those flagged as promotion, and messages by members;
    `arrivals` of members first seen on a day and how many of them came back
    within a week. `told` is the last day of each complaint.
    """

    tenant: TenantId
    group: GroupId
    first_day: int = 0
    day: int = 0
    days: Ring = []
    arrivals: Ring = []
    told: dict[str, int] = {}


class Figures(Struct, frozen=True):
    """What a group's conduct comes to in the days up to one."""

    operator_messages: int
    member_messages: int
    promotions: int
    promotion_share: float | None
    broadcasts: int
    broadcasts_per_day: float
    broadcast_share: float | None


class Returns(Struct, frozen=True):
    """Newcomers whose first week is over, and how many of them were active again in it.

    `low` and `high` are Wilson's 95 % interval of the share.
    """

    arrived: int
    returned: int
    share: float | None
    low: float | None
    high: float | None


def spoken(conduct: Conduct, event: BaseEvent, sign: int, day: int) -> Conduct:
    """Return the conduct with a message counted (1) or taken back (-1)."""
    if type(event) is not MessagePosted or event.role is Role.BOT:
        return conduct
    columns = [_MEMBERS]
    if event.role.runs_group:
        columns = [_OPERATORS]
        if not (event.reply_to or event.reply_to_member or event.mentions):
            columns.append(_BROADCASTS)
    return _counted(conduct, day, columns, sign)


def promoted(
    conduct: Conduct, event: BaseEvent, labels: Iterable[Label], sign: int, day: int
) -> Conduct:
    """Return the conduct with a flag against an operator's message counted, if it promotes."""
    if event.role.runs_group and PROMOTING & set(labels):
        return _counted(conduct, day, [_PROMOTIONS], sign)
    return conduct


def attended(conduct: Conduct, before: Profile, after: Profile, clock: TenantClock) -> Conduct:
    """Return the conduct after what is known of a member's first week changed."""
    old, new = _first_week(before, clock), _first_week(after, clock)
    if old == new:
        return conduct
    arrivals = conduct.arrivals.copy()
    for week, sign in ((old, -1), (new, 1)):
        if week is not None and week[0] > conduct.day - ARRIVALS_KEPT:
            bump(arrivals, _ARRIVALS, week[0], 1, sign)
            if week[1]:
                bump(arrivals, _ARRIVALS, week[0], 2, sign)
    return replace(conduct, arrivals=arrivals)


def figures(conduct: Conduct, day: int, window: int = WINDOW) -> Figures:
    """Return what the `window` days up to `day` come to (28 at most)."""
    span = (day - window + 1, day)
    operators, broadcasts, promotions, members = (
        max(0, total(conduct.days, _WIDTH, column, *span))
        for column in (_OPERATORS, _BROADCASTS, _PROMOTIONS, _MEMBERS)
    )
    return Figures(
        operator_messages=operators,
        member_messages=members,
        promotions=promotions,
        promotion_share=_share(min(promotions, operators), operators),
        broadcasts=broadcasts,
        broadcasts_per_day=round(broadcasts / window, 2),
        broadcast_share=_share(broadcasts, operators + members),
    )


def first_week(conduct: Conduct, day: int) -> Returns:
    """Return how many of those who arrived came back in their first week, if that is over.

    Who was first seen in the group's own first two weeks is left out.
    """
    oldest = max(day - ARRIVALS_KEPT + 1, conduct.first_day + SETTLING_DAYS)
    arrived = returned = 0
    for row in rows(conduct.arrivals, _ARRIVALS, oldest, day - RETURN_DAYS - 1):
        arrived += row[1]
        returned += row[2]
    low, high = wilson(returned, arrived) if arrived else (None, None)
    return Returns(arrived, returned, _share(returned, arrived), low, high)


def wilson(hits: int, cases: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    z = 1.96
    share, square = hits / cases, z * z / cases
    middle = (share + square / 2) / (1 + square)
    half = z * sqrt(share * (1 - share) / cases + square / (4 * cases)) / (1 + square)
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def complaints(conduct: Conduct, time: int, day: int) -> tuple[Conduct, list[Action]]:
    """Return the warnings that are due after an operator's message, each at most once a week."""
    seen = figures(conduct, day)
    due = [
        complaint
        for complaint in _wrong(seen)
        if day - conduct.told.get(complaint, -COOL_DOWN_DAYS) >= COOL_DOWN_DAYS
    ]
    if not due:
        return conduct, []
    told = {**conduct.told, **{complaint.value: day for complaint in due}}
    actions = [_action(conduct, complaint, seen, day, Millis(time)) for complaint in due]
    return replace(conduct, told=told), actions


def _wrong(seen: Figures) -> list[Complaint]:
    found = []
    share = seen.promotion_share or 0.0
    if seen.operator_messages >= LEAST_MESSAGES and share >= MOST_PROMOTION:
        found.append(Complaint.OVER_PROMOTION)
    crowding = (seen.broadcast_share or 0.0) >= MOST_BROADCAST_SHARE
    if seen.broadcasts_per_day >= MOST_BROADCASTS and crowding:
        found.append(Complaint.BROADCAST_LOAD)
    return found


def _action(
    conduct: Conduct, complaint: Complaint, seen: Figures, day: int, time: Millis
) -> Action:
    cause = derive_id(conduct.tenant, conduct.group, complaint, str(day))
    if complaint is Complaint.OVER_PROMOTION:
        share = round(100 * (seen.promotion_share or 0))
        chinese = f"近七天运营发言中 {share}% 是推广，群友容易屏蔽本群"
        english = f"{share}% of what operators wrote in seven days promotes something"
    else:
        chinese = f"近七天平均每天 {seen.broadcasts_per_day:.0f} 条群发，占全部消息一半以上"
        english = f"{seen.broadcasts_per_day:.0f} broadcasts a day, half of all messages or more"
    return Action(
        id=derive_id(cause, ActionKind.GROUP_ALERT),
        kind=ActionKind.GROUP_ALERT,
        tenant=conduct.tenant,
        group=conduct.group,
        time=time,
        cause=cause,
        text=f"{chinese}\n{english}",
        reason=english,
        details={
            "alert": complaint.value,
            "reason_en": english,
            "reason_zh": chinese,
            "operator_messages": seen.operator_messages,
            "promotions": seen.promotions,
            "broadcasts_per_day": seen.broadcasts_per_day,
        },
    )


def _counted(conduct: Conduct, day: int, columns: list[int], sign: int) -> Conduct:
    latest = max(day, conduct.day)
    days, arrivals = conduct.days.copy(), conduct.arrivals
    if latest > conduct.day:
        days = since(days, _WIDTH, latest - DAYS_KEPT + 1)
        arrivals = since(arrivals, _ARRIVALS, latest - ARRIVALS_KEPT + 1)
        days = days.copy() if days is conduct.days else days
    if day > latest - DAYS_KEPT:
        for column in columns:
            bump(days, _WIDTH, day, column, sign)
    first = min(conduct.first_day or day, day)
    return replace(conduct, first_day=first, day=latest, days=days, arrivals=arrivals)


def _first_week(profile: Profile, clock: TenantClock) -> tuple[int, bool] | None:
    """Return the day a member was first seen, and whether they were active in the week after."""
    if not profile.first_seen or profile.role is not Role.MEMBER:
        return None
    first = clock.day(profile.first_seen)
    return first, bool(profile.steps.days(ACTIVE, first + 1, first + RETURN_DAYS))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
