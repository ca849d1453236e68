"""Flash groups: groups with an end date, which is told of in time and after which nothing is."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from services.scoring.calendar import DAY
from services.scoring.lifecycle import LifeStage
from services.scoring.watch import Watch
from shared.actions import Action, ActionKind
from shared.events import Millis, derive_id

NOTICE: Final = DAY
"""How long before its end (ms) a group is said to be ending."""


class Farewell(StrEnum):
    """What is told of a group's end."""

    ENDING = "ending"
    ENDED = "ended"


_WORDS: Final[dict[Farewell, tuple[str, str]]] = {
    Farewell.ENDING: (
        "本群将在一天内结束：道别、发总结、邀请大家去下一个群",
        "the group ends within a day: say goodbye, sum up, invite to the next one",
    ),
    Farewell.ENDED: ("本群已到结束时间，可以解散", "the group's time is over; it may be closed"),
}


def end_stage(end: int | None, at: int) -> LifeStage | None:
    """Return the stage of a group that ends, at `at` (ms); None while its end is far or unset."""
    if end is None or at < end - NOTICE:
        return None
    return LifeStage.ENDED if at >= end else LifeStage.ENDING


def with_end(seen: Watch, alerts: list[Action], end: int | None) -> tuple[Watch, list[Action]]:
    """Return the watch after a look and what to tell, given when the group ends (ms).

    The end is told of once a day before and once when it has come; from then on
    a group is not looked at, and that it is silent is no news.
    """
    if end is None or seen.history:
        return seen, alerts
    at = seen.checked_at
    stage = end_stage(end, at)
    if stage is None:
        return replace(seen, due_at=_sooner(seen.due_at, end - NOTICE)), alerts
    farewell = Farewell(stage.value)
    due_at = None if farewell is Farewell.ENDED else _sooner(seen.due_at, end)
    actions = [] if farewell is Farewell.ENDED else alerts
    if seen.told.get(farewell) != end:
        actions = [*actions, _action(seen, farewell, end)]
    told = {**seen.told, farewell.value: end}
    return replace(seen, due_at=due_at, told=told), actions


def _sooner(due_at: Millis | None, moment: int) -> Millis:
    return Millis(moment if due_at is None else min(due_at, moment))


def _action(seen: Watch, farewell: Farewell, end: int) -> Action:
    cause = derive_id(seen.tenant, seen.group, farewell, str(end))
    chinese, english = _WORDS[farewell]
    return Action(
        id=derive_id(cause, ActionKind.GROUP_ALERT),
        kind=ActionKind.GROUP_ALERT,
        tenant=seen.tenant,
        group=seen.group,
        time=Millis(seen.checked_at),
        cause=cause,
        text=f"{chinese}\n{english}",
        reason=english,
        details={
            "alert": farewell.value,
            "reason_en": english,
            "reason_zh": chinese,
            "ends_at": end,
        },
    )
