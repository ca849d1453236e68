"""What is to be told of a member as time passes: a layer gained or lost, risk, a long silence.

Looked at by a timer: at the end of the hour of a day's first act, then daily
while there is something that may be told, and ever more seldom while the risk of
silence is judged. Who is known from history alone is looked at once a week of it,
and nothing is told. What is told depends on what had come by then, and so do
`told` and `due_at` of a member; nothing else of them does.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

from msgspec.structs import replace

from services.scoring.calendar import DAY, HOUR, day_of, hour_of, hour_start
from services.scoring.churn import HORIZON_DAYS, RECENT_DAYS, churn_of
from services.scoring.clock import SHANGHAI
from services.scoring.layers import LAYERS, Layer, standing_of
from services.scoring.logistic import Judgement, Model
from services.scoring.member import Member
from services.scoring.telling import Telling
from services.scoring.told import Told
from shared.actions import Action, ActionKind
from shared.events import BaseEvent, Millis, Role, derive_id
from shared.frequency import Contact, Frequency, noted
from shared.members import MemberJudged

RISK: Final = 0.6
"""From this probability of 90 days of silence on a member is at risk."""
LEAST_RISK: Final = 0.001
"""The least risk that is noted; 0 says that there was nothing to judge."""
RISK_SILENT_DAYS: Final = 7
"""Nobody is called at risk who was active more recently."""
WIN_BACK_DAYS: Final = 28
"""After so many silent days a member who carried the group is to be won back."""
WATCHED_DAYS: Final = 60
"""After so many silent days a member is looked at no more."""
HISTORY_DAYS: Final = 7
"""Who is known from history alone is looked at once in so many days of it."""
HELD_OUT: Final = 10
"""One in so many is not asked to come back, to see who comes back unasked."""
FREQUENCY: Final = Telling().frequency(SHANGHAI)
"""How often something is told of one member where the tenant has not said so."""


def armed(member: Member, event: BaseEvent, day: int) -> Member:
    """Return the member with a look at the end of the hour of the day's first live act."""
    if event.backfill:
        known = member.due_at is not None or member.told.looked_on > 0
        return member if known else replace(member, due_at=_hours_end(event))
    told = member.told
    if day <= told.looked_on:
        return member
    due_at = _hours_end(event)
    if not told.live:
        member = replace(member, told=replace(told, live=True))
    if member.due_at is not None and member.due_at <= due_at:
        return member
    return replace(member, due_at=due_at)


def _hours_end(event: BaseEvent) -> Millis:
    return Millis(hour_start(hour_of(event.time) + 1))


def look(
    member: Member, now: Millis, model: Model, frequency: Frequency = FREQUENCY
) -> tuple[Member, Action | None]:
    """Look at a member: return them with what was told, and what to tell, one thing at a time.

    What may not be told now, for the hour or because enough was told lately, is
    looked at again when it may. At the first look nothing is told: the member
    may have a history.
    """
    layer = standing_of(member, now).layer
    judged = churn_of([member], now, model) if member.role is Role.MEMBER else None
    told = replace(
        member.told,
        looked_at=now,
        churn=0.0 if judged is None else max(LEAST_RISK, round(judged.probability, 3)),
        layer_place=LAYERS.index(layer),
    )
    member = replace(member, told=told)
    if not (told.live or told.looked_on):
        return replace(member, due_at=_next_look(member, now, HISTORY_DAYS)), None
    if not told.looked_on or member.role is not Role.MEMBER:
        return _looked(member, replace(told, layer=layer.value), layer, now), None
    news = _layer(member, layer, now) or _silence(member, now) or _risk(member, layer, now, judged)
    if news is None:
        return _looked(member, told, layer, now), None
    action, told = news
    opening = frequency.opening(member.told.contacts, now)
    if opening.at > now:
        return replace(member, due_at=Millis(-(-opening.at // HOUR) * HOUR)), None
    told = replace(told, contacts=noted(told.contacts, Contact(action.id, now)))
    is_held_out = action.kind is ActionKind.MEMBER_WIN_BACK and told.held_out
    return _looked(member, told, layer, now), None if is_held_out else action


def found_otherwise(before: Member, after: Member) -> bool:
    """Whether a look found another layer or another risk than the look before it."""
    was, now = before.told, after.told
    return (was.churn, was.layer_place) != (now.churn, now.layer_place)


def finding(member: Member) -> MemberJudged:
    """Return the record of what the latest look at a member found."""
    told = member.told
    where = (member.tenant, member.group, member.member)
    return MemberJudged(
        id=derive_id("member.judged", *where, str(told.looked_at)),
        tenant=member.tenant,
        group=member.group,
        member=member.member,
        time=Millis(told.looked_at),
        layer=LAYERS[told.layer_place].value,
        churn=told.churn,
        backfill=not told.live,
    )


def written_to(member: Member, action: str, at: Millis) -> Member:
    """Return the member with one more message that they got from anybody."""
    contacts = noted(member.told.contacts, Contact(action, at))
    return replace(member, told=replace(member.told, contacts=contacts))


def held_out(member: Member) -> bool:
    """Whether somebody is among those who are not asked to come back; always the same."""
    return crc32(f"{member.tenant}\x1f{member.member}\x1fwin-back".encode()) % HELD_OUT == 0


def _looked(member: Member, told: Told, layer: Layer, now: Millis) -> Member:
    carries = layer is not Layer.ORDINARY
    told = replace(told, looked_on=day_of(now, member.offset), carried=told.carried or carries)
    goes_on = (carries or told.carried) and _silent_days(member, now) < WATCHED_DAYS
    looked = replace(member, told=told)
    due_at = _days_on(now, 1) if goes_on else _next_look(looked, now, 1)
    return replace(looked, due_at=due_at)


def _next_look(member: Member, now: Millis, least_days: int) -> Millis | None:
    """Return when to judge the risk again: after as long a silence again, if there is one.

    Who is silent for too long to be judged is looked at until their layer is lost as well.
    """
    silent = _silent_days(member, now)
    if not member.told.churn:
        return _days_on(now, HISTORY_DAYS) if member.told.layer_place else None
    return _days_on(now, max(least_days, min(silent, RECENT_DAYS - silent)))


def _days_on(now: Millis, days: int) -> Millis:
    return Millis(-(-(now + days * DAY) // HOUR) * HOUR)


def _layer(member: Member, layer: Layer, now: Millis) -> tuple[Action, Told] | None:
    before = Layer(member.told.layer)
    if layer is before:
        return None
    rises = LAYERS.index(layer) > LAYERS.index(before)
    kind = ActionKind.MEMBER_PROMOTED if rises else ActionKind.MEMBER_DEMOTED
    standing = standing_of(member, now)
    action = _action(
        member,
        kind,
        now,
        f"{'Rose' if rises else 'Sank'} from {before} to {layer}.",
        {
            "what": "layer",
            "from": before.value,
            "to": layer.value,
            "active_days_28": standing.active_days,
            "score": round(standing.score, 1),
        },
    )
    return action, replace(member.told, layer=layer.value)


def _silence(member: Member, now: Millis) -> tuple[Action, Told] | None:
    silent = _silent_days(member, now)
    if not member.told.carried or silent < WIN_BACK_DAYS or not member.is_present:
        return None
    if member.told.win_back_at > member.last_seen:
        return None
    details: dict[str, str | float | int | bool] = {"silent_days": silent}
    reason = f"Carried the group, and has been silent for {silent} days."
    action = _action(member, ActionKind.MEMBER_WIN_BACK, now, reason, details)
    held = held_out(member)
    return action, replace(member.told, win_back_at=now, held_out=held)


def _risk(
    member: Member, layer: Layer, now: Millis, judged: Judgement | None
) -> tuple[Action, Told] | None:
    silent = _silent_days(member, now)
    if layer is Layer.ORDINARY or silent < RISK_SILENT_DAYS or not member.is_present:
        return None
    if member.told.risk_at > member.last_seen:
        return None
    if judged is None or judged.probability < RISK:
        return None
    reason = f"{judged.probability:.0%} likely to be silent for the next {HORIZON_DAYS} days."
    action = _action(member, ActionKind.MEMBER_AT_RISK, now, reason, _figures(judged, silent))
    return action, replace(member.told, risk_at=now)


def _figures(judged: Judgement, silent: int) -> dict[str, str | float | int | bool]:
    most = max(judged.contributions, key=lambda part: part.log_odds)
    return {
        "probability": round(judged.probability, 3),
        "low": round(judged.low, 3),
        "high": round(judged.high, 3),
        "silent_days": silent,
        "most_for_it": most.feature,
    }


def _silent_days(member: Member, now: Millis) -> int:
    latest = member.presence.latest_day
    return WATCHED_DAYS if latest is None else day_of(now, member.offset) - latest


def _action(
    member: Member,
    kind: ActionKind,
    now: Millis,
    reason: str,
    details: dict[str, str | float | int | bool],
) -> Action:
    """An action's id is that of the member, what is told and the day, so a replay repeats it."""
    day = str(day_of(now, member.offset))
    cause = derive_id(member.tenant, member.group, member.member, kind, day)
    return Action(
        id=derive_id(cause, kind),
        kind=kind,
        tenant=member.tenant,
        group=member.group,
        member=member.member,
        time=now,
        cause=cause,
        reason=reason,
        details=details,
    )
