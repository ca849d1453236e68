"""The watch kept over each group: looks at its vital signs from time to time, and warns."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.alerts import COOL_DOWN, Alert, alerts_for
from services.scoring.answers import ANSWER_HOURS
from services.scoring.calendar import DAY, DAYS_KEPT, HOUR, day_of, hour_of, hour_start
from services.scoring.group import ARRIVAL_WIDTH, Group
from services.scoring.health import health_of, packed
from services.scoring.lifecycle import LifeStage, stage_of
from services.scoring.models import QUIET, latest
from services.scoring.pulse import Pulse, pulse_of
from services.scoring.quiet import quiet_of
from shared.actions import Action, ActionKind
from shared.events import BaseEvent, GroupId, Millis, TenantId, derive_id


class DayHealth(Struct, frozen=True, array_like=True, gc=False):
    """A group's health at a day's last look, with its parts as they are `packed`."""

    day: int
    score: int
    parts: bytes = b""


class Watch(Struct, frozen=True, kw_only=True):
    """When a group is looked at next, and what was seen and said so far.

    `health`, `stage`, `quiet_risk` (0: not judged), `active_28_days` and `messages` (of 28
    days) are as of `checked_at` (ms, 0: not looked at yet), so that groups can be
    sorted by them. `told` holds when each kind of warning
    was given last. `healths` holds the health at the last look of each of the
    last 91 days. `history`: only backfill is known of the group so far, so
    nothing is said of it.
    """

    tenant: TenantId
    group: GroupId
    due_at: Millis | None = None
    checked_at: int = 0
    health: int = 0
    stage: LifeStage = LifeStage.FORMING
    quiet_risk: float = 0.0
    active_28_days: int = 0
    messages: int = 0
    told: dict[str, int] = {}
    healths: list[DayHealth] = []
    history: bool = False


LATE: Final = HOUR
"""A look that comes this much after its moment (ms) is one at a group whose time lags."""


def heard(watch: Watch | None, event: BaseEvent, latest: int) -> Watch:
    """Return the watch after an event; `latest` is the time of the group's latest one before."""
    if watch is None:
        watch = Watch(tenant=event.tenant, group=event.group, history=event.backfill)
    elif watch.history and not event.backfill:
        watch = replace(watch, history=False)
    return arm(watch, event.time, latest)


def arm(watch: Watch, time: int, latest: int) -> Watch:
    """Return the watch set to look at the end of the hour in which something happened.

    What happened before the last look was seen then, or is too late to matter;
    unless it is the latest that is known of the group: the partition's clock is
    that of all its tenants, and this one's platform may lag behind it.
    """
    if time <= min(watch.checked_at, latest):
        return watch
    due_at = Millis(hour_start(hour_of(time) + 1))
    if watch.due_at is not None and watch.due_at <= due_at:
        return watch
    return replace(watch, due_at=due_at)


def look(watch: Watch, group: Group, now: Millis) -> tuple[Watch, list[Action]]:
    """Look at a group: return the watch as it goes on and the warnings to give."""
    at = _moment(watch, group, now)
    pulse = pulse_of(group, at)
    stage, _ = stage_of(pulse)
    called_for = () if watch.history else alerts_for(pulse)
    alerts = [alert for alert in called_for if _is_news(alert, watch, at)]
    told = {**watch.told, **{alert.kind.value: at for alert in alerts}}
    health = health_of(pulse)
    today = DayHealth(day_of(at, group.offset), health.score, packed(health.parts))
    risk = quiet_of(pulse, latest(QUIET))
    seen = Watch(
        tenant=watch.tenant,
        group=watch.group,
        due_at=None if watch.history else _next_look(group, pulse, told, now),
        checked_at=at,
        health=health.score,
        stage=stage,
        quiet_risk=0.0 if risk is None else risk.probability,
        active_28_days=pulse.active_month,
        messages=pulse.messages,
        told=told,
        healths=_remembered(watch.healths, today),
        history=watch.history,
    )
    return seen, [_action(alert, watch, at) for alert in alerts]


def _remembered(known: list[DayHealth], one: DayHealth) -> list[DayHealth]:
    """Return the days' healths with that of one day, as far back as days are kept."""
    healths = {each.day: each for each in known} | {one.day: one}
    oldest = max(healths) - DAYS_KEPT + 1
    return [healths[day] for day in sorted(healths) if day >= oldest]


def _moment(watch: Watch, group: Group, now: Millis) -> Millis:
    """Return as of when to look: now, or when the group's own time is over.

    History ends with its latest event. A look long overdue that an event (not a
    silence) asked for means that the group's events lag behind the clock.
    """
    own = Millis(min(now, hour_start(hour_of(group.last_at) + 1)))
    overdue = watch.due_at is not None and now - watch.due_at > LATE
    by_event = watch.due_at is not None and watch.due_at <= own
    return own if watch.history or (overdue and by_event) else now


def _is_news(alert: Alert, watch: Watch, now: int) -> bool:
    last = watch.told.get(alert.kind)
    if last is None:
        return True
    return now - last >= COOL_DOWN[alert.kind] and (not alert.since or last < alert.since)


def _next_look(group: Group, pulse: Pulse, told: dict[str, int], now: int) -> Millis | None:
    """The next moment at which something could have changed without an event."""
    moments = [now + DAY] if now - group.last_at < DAYS_KEPT * DAY else []
    quiet_at = pulse.rhythm.quiet_at
    if quiet_at is not None:
        moments.append(quiet_at)
    for arrivals in (group.joined, group.appeared):
        hours = arrivals[::ARRIVAL_WIDTH]
        moments.extend(hour_start(hour + ANSWER_HOURS + 2) for hour in hours)
    later = [moment for moment in moments if moment > now]
    return Millis(_full_hour(min(later))) if later else None


def _full_hour(moment: int) -> int:
    return -(-moment // HOUR) * HOUR


def _action(alert: Alert, watch: Watch, now: Millis) -> Action:
    """A warning's id is that of its trouble (or its week), so a replay gives it again alike."""
    trouble = alert.since or now // COOL_DOWN[alert.kind]
    cause = derive_id(watch.tenant, watch.group, alert.kind, str(trouble))
    return Action(
        id=derive_id(cause, ActionKind.GROUP_ALERT),
        kind=ActionKind.GROUP_ALERT,
        tenant=watch.tenant,
        group=watch.group,
        time=now,
        cause=cause,
        text=f"{alert.chinese}\n{alert.english}",
        reason=alert.english,
        details={
            "alert": alert.kind.value,
            "reason_en": alert.english,
            "reason_zh": alert.chinese,
            **alert.figures,
        },
    )
