"""Which segments a member is in, and what is told when that changes."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final

from msgspec.structs import replace

from services.scoring.calendar import DAY
from services.scoring.profiles.profile import Profile
from services.scoring.segments.definitions import InForce
from services.scoring.segments.signals import next_day, signals
from shared.actions import Action, ActionKind
from shared.events import Millis, derive_id
from shared.members import MemberErased, SegmentChange
from shared.stream.contracts import Publish
from shared.topics import Topic

COOL_DOWN: Final = DAY
"""For how long (ms) a member's comings and goings in one segment lead to no further action."""


class Cause(Enum):
    """Why segments are judged: something happened now, or history or definitions say so."""

    LIVE = "live"
    QUIET = "quiet"


def judged(
    profile: Profile, interests: str, in_force: InForce, cause: str, tell: Cause
) -> tuple[Profile, list[Publish]]:
    """Return the profile in the segments it belongs to, and what is told of the changes.

    `cause` names what led to this, so that a replay tells it alike.
    """
    if not in_force.segments and not profile.segments:
        return profile, []
    values = signals(profile, interests, in_force.attributes, in_force.names, in_force.clock)
    holding = in_force.holding(values)
    clock, day = in_force.clock, None
    if in_force.timed:
        day = next_day(profile, in_force.timed, in_force.compared, clock)
    due_at = None if day is None else Millis(clock.at(day))
    changes = _changes(profile, holding, in_force, cause, tell)
    actions = [each for each in changes if _is_news(each, profile, in_force)]
    told = {**profile.told, **{each.segment: each.time for each in actions}}
    told = {segment: at for segment, at in told.items() if segment in in_force.segments}
    after = replace(profile, due_at=due_at, segments=holding, told=told)
    outputs = [Publish(Topic.SEGMENTS, each) for each in changes]
    outputs += [Publish(Topic.ACTIONS, _action(each, in_force)) for each in actions]
    return after, outputs


def left_all(profile: Profile, in_force: InForce, erased: MemberErased) -> list[Publish]:
    """Return what is told of an erased member's segments: they left them all."""
    last = replace(profile, as_of=max(profile.as_of, erased.time))
    changes = _changes(last, [], in_force, erased.id, Cause.QUIET)
    return [Publish(Topic.SEGMENTS, each) for each in changes]


def _changes(
    profile: Profile, holding: list[str], in_force: InForce, cause: str, tell: Cause
) -> list[SegmentChange]:
    def changes() -> Iterator[SegmentChange]:
        for segment in sorted(set(holding) ^ set(profile.segments)):
            known = in_force.definitions.segments.get(segment)
            entered = segment in holding
            yield SegmentChange(
                id=derive_id(*where, segment, cause, "entered" if entered else "left"),
                tenant=profile.tenant,
                group=profile.group,
                member=profile.member,
                segment=segment,
                entered=entered,
                time=Millis(profile.as_of),
                revision=known.revision if known else 0,
                backfill=tell is Cause.QUIET,
            )

    where = (profile.tenant, profile.group, profile.member)
    return list(changes())


def _is_news(change: SegmentChange, profile: Profile, in_force: InForce) -> bool:
    known = in_force.definitions.segments.get(change.segment)
    if change.backfill or known is None or not known.actions:
        return False
    last = profile.told.get(change.segment)
    return last is None or change.time - last >= COOL_DOWN


def _action(change: SegmentChange, in_force: InForce) -> Action:
    kind = ActionKind.SEGMENT_ENTERED if change.entered else ActionKind.SEGMENT_LEFT
    segment = in_force.definitions.segments[change.segment]
    return Action(
        id=derive_id(change.id, kind),
        kind=kind,
        tenant=change.tenant,
        group=change.group,
        member=change.member,
        time=change.time,
        cause=change.id,
        reason=segment.condition,
        details={
            "segment": change.segment,
            "name": segment.name,
            "revision": segment.revision,
        },
    )
