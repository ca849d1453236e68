"""What members are listed by that changes more seldom than they do, kept apart from them.

An index costs every write of its collection, also where the key stays, so the
document that is written with each event has as few as can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from services.scoring.calendar import hour_of
from services.scoring.member import Member
from shared.events import GroupId, TenantId
from shared.stream.contracts import Kind


class Seen(Struct, frozen=True, kw_only=True):
    """When a member was last seen, to the hour: `seen_hour` is the number of the hour."""

    tenant: TenantId
    group: GroupId
    circle: str
    seen_hour: int


class Judged(Struct, frozen=True, kw_only=True):
    """What the latest look at a member, at `looked_at` (ms), found.

    `churn` is the risk of silence (0: not judged), `layer` the place of the layer
    among all (0: the lowest), `win_back_at` when the member was last to be won back (ms).
    """

    tenant: TenantId
    group: GroupId
    circle: str
    churn: float
    layer: int
    win_back_at: int
    looked_at: int = 0


SEEN: Final = Kind("members_seen", Seen)
JUDGED: Final = Kind("members_judged", Judged)


def seen(member: Member) -> Seen:
    """Return what the member is listed by of when they were seen."""
    return Seen(
        tenant=member.tenant,
        group=member.group,
        circle=member.circle,
        seen_hour=hour_of(member.last_seen),
    )


def judged(member: Member) -> Judged | None:
    """Return what the member is listed by of the latest look, if it found anything."""
    told = member.told
    if not (told.churn or told.layer_place or told.win_back_at):
        return None
    return Judged(
        tenant=member.tenant,
        group=member.group,
        circle=member.circle,
        churn=told.churn,
        layer=told.layer_place,
        win_back_at=told.win_back_at,
        looked_at=told.looked_at,
    )


LISTINGS: Final[Sequence[tuple[Kind[Any], Callable[[Member], Struct | None]]]] = (
    (SEEN, seen),
    (JUDGED, judged),
)
"""Each kind, and what a member's document of it is: the member's `_id`, or None for no document."""
