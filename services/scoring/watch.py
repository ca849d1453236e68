"""The watch kept over each group: looks at its vital signs from time to time, and warns."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.alerts import COOL_DOWN, Alert, alerts_for
from services.scoring.calendar import DAY, DAYS_KEPT, HOUR, hour_of, hour_start
from services.scoring.group import ARRIVAL_WIDTH, Group
from services.scoring.health import health_of
from services.scoring.lifecycle import LifeStage, stage_of
from services.scoring.member import ANSWER_HOURS
from services.scoring.pulse import Pulse, pulse_of
from shared.events import Action, ActionKind, GroupId, Millis, TenantId, derive_id


class Watch(Struct, frozen=True, kw_only=True):
    """When a group is looked at next, and what was seen and said so far.

    `health` and `stage` are as of `checked_at` (ms, 0: not looked at yet), so
    that groups can be sorted by them. `told` holds when each kind of warning
    was given last.
    """

    tenant: TenantId
    group: GroupId
    due_at: Millis | None = None
    checked_at: int = 0
    health: int = 0
    stage: LifeStage = LifeStage.FORMING
    told: dict[str, int] = {}


def arm(watch: Watch, time: int) -> Watch:
    """Return the watch set to look at the end of the hour in which something happened.

    What happened before the last look was seen then, or is too late to matter.
    """
    if time <= watch.checked_at:
        return watch
    due_at = Millis(hour_start(hour_of(time) + 1))
    if watch.due_at is not None and watch.due_at <= due_at:
        return watch
    return replace(watch, due_at=due_at)


def look(watch: Watch, group: Group, now: Millis) -> tuple[Watch, list[Action]]:
    """Look at a group: return the watch as it goes on and the warnings to give."""
    pulse = pulse_of(group, now)
    stage, _ = stage_of(pulse)
    alerts = [alert for alert in alerts_for(pulse) if _is_news(alert, watch, now)]
    told = {**watch.told, **{alert.kind.value: now for alert in alerts}}
    seen = Watch(
        tenant=watch.tenant,
        group=watch.group,
        due_at=_next_look(group, pulse, told, now),
        checked_at=max(now, watch.checked_at),
        health=health_of(pulse).score,
        stage=stage,
        told=told,
    )
    return seen, [_action(alert, watch, now) for alert in alerts]


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
