"""When a group's digest is due, and which messages are in the running for it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.clock import TenantClock
from services.scoring.digest.highlight import Highlight, Valued
from services.scoring.erasure.tombstones import Tombstones
from shared.actions import Action, ActionKind
from shared.events import GroupId, Millis, TenantId, derive_id

CANDIDATES: Final = 40
LEAST_VALUE: Final = 3
"""What a message must be worth to be in a digest: more than two people's reactions."""
_SHOWN: Final = 120
_MARKS: Final = ((Valued.REACTED, "👍"), (Valued.REPLIED, "💬"), (Valued.SAVED, "⭐"))


class Rhythm(StrEnum):
    """How often a digest is sent."""

    DAY = "day"
    WEEK = "week"


class DigestSettings(Struct, frozen=True, kw_only=True):
    """What a tenant wants of digests: how long they are kept, and whether they are sent.

    `hour` is that of the tenant's day; a weekly digest comes on Mondays.
    """

    keep_days: int = 90
    send: bool = False
    hour: int = 21
    rhythm: Rhythm = Rhythm.DAY
    most: int = 10


class Plan(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A group's next digest: when it is due, what each candidate is worth, what was told last.

    `erased` keeps out what erased members said and did before (`erasure.tombstones`).
    """

    tenant: TenantId
    group: GroupId
    due_at: Millis | None = None
    candidates: list[tuple[str, int]] = []
    told: list[str] = []
    erased: Tombstones = {}


def with_candidate(
    plan: Plan, found: Highlight, settings: DigestSettings, now: int, clock: TenantClock
) -> Plan:
    """Return the plan after a message came to be worth more or less."""
    if found.message in plan.told:
        return plan
    candidates: dict[str, int] = {**dict(plan.candidates), found.message: found.value}
    if found.hidden or found.value < LEAST_VALUE:
        del candidates[found.message]
    if len(candidates) > CANDIDATES:
        del candidates[min(candidates, key=lambda message: (candidates[message], message))]
    due_at = plan.due_at
    if candidates and due_at is None:
        due_at = next_moment(settings, now, clock)
    return replace(plan, candidates=list(candidates.items()), due_at=due_at)


def next_moment(settings: DigestSettings, now: int, clock: TenantClock) -> Millis:
    """Return the next moment (ms) after `now` at which the tenant wants a digest."""
    day = clock.day(now)
    while clock.at(day, settings.hour) <= now or not _fits(settings, day):
        day += 1
    return Millis(clock.at(day, settings.hour))


def digest(
    plan: Plan, found: list[Highlight], settings: DigestSettings, due_at: Millis
) -> tuple[Plan, Action | None]:
    """Return the plan after its digest, and the action that tells it, if there is anything to."""
    best = [each for each in found if not each.hidden and each.value >= LEAST_VALUE]
    best.sort(key=lambda each: (-each.value, each.time, each.message))
    best = best[: settings.most]
    told: list[str] = [each.message for each in best]
    after = replace(plan, due_at=None, candidates=[], told=told or plan.told)
    if not best or not settings.send:
        return after, None
    return after, _action(plan, best, settings, due_at)


def _action(plan: Plan, best: list[Highlight], settings: DigestSettings, at: Millis) -> Action:
    cause = derive_id(plan.tenant, plan.group, "digest", str(at))
    title = "今日精华" if settings.rhythm is Rhythm.DAY else "本周精华"
    lines = [f"{number}. {_line(each)}" for number, each in enumerate(best, 1)]
    details: dict[str, str | float | int | bool] = {
        "rhythm": settings.rhythm.value,
        "messages": len(best),
    }
    for number, each in enumerate(best, 1):
        details |= {
            f"{number}.message": each.message,
            f"{number}.member": each.member,
            f"{number}.value": each.value,
        }
    return Action(
        id=derive_id(cause, ActionKind.GROUP_DIGEST),
        kind=ActionKind.GROUP_DIGEST,
        tenant=plan.tenant,
        group=plan.group,
        time=at,
        cause=cause,
        text="\n".join([title, *lines]),
        reason="most valued messages",
        details=details,
    )


def _line(found: Highlight) -> str:
    text = " ".join(found.text.split())
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    marks = [f"{mark}{found.count(what)}" for what, mark in _MARKS if found.count(what)]
    return f"{shown}  {' '.join(marks)}"


def _fits(settings: DigestSettings, day: int) -> bool:
    return settings.rhythm is Rhythm.DAY or (day + 3) % 7 == 0
