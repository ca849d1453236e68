"""The life of a campaign: draft, approved, sent run by run, finished or cancelled. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct, structs

from services.notify.campaigns.schedule import Post, first_post, next_post
from shared.campaigns import Campaign, CampaignSaved, Move
from shared.events import Millis, TenantId

MOST_LOGGED: Final = 50
"""Changes of a campaign that are kept, the latest."""


class State(StrEnum):
    """Where a campaign stands.

    `finished` has asked for all its messages; some may still wait in quiet hours.
    """

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


FROM: Final[dict[Move, frozenset[State]]] = {
    Move.APPROVE: frozenset({State.DRAFT}),
    Move.PAUSE: frozenset({State.SCHEDULED, State.RUNNING, State.FINISHED}),
    Move.RESUME: frozenset({State.PAUSED}),
    Move.CANCEL: frozenset(State) - {State.CANCELLED},
}
"""In which states what can be asked of a campaign."""
EDITABLE: Final = frozenset({State.DRAFT, State.SCHEDULED, State.PAUSED})
"""In which states a campaign can be rewritten; it is a draft then."""


class Change(Struct, frozen=True):
    """Something that happened to a campaign: when, what, and by which key (empty: by time)."""

    at: Millis
    what: str
    by: str = ""


class Run(Struct, frozen=True, kw_only=True):
    """One sending of a campaign; `cursor` is how far in the audience, `asked` how many so far."""

    number: int
    post: Post
    started_at: Millis
    cursor: str = ""
    asked: int = 0


class TrackedCampaign(Struct, frozen=True, kw_only=True):
    """A campaign and where it stands; written by its partition's owner only.

    `revision` counts how often it was written; `runs` how often it was sent.
    `post` is the next time of its schedule.
    """

    tenant: TenantId
    definition: Campaign
    state: State
    revision: int
    created_at: Millis
    changed_at: Millis
    approved_by: str = ""
    approved_at: Millis | None = None
    runs: int = 0
    asked: int = 0
    run: Run | None = None
    post: Post | None = None
    due_at: Millis | None = None
    log: list[Change] = []


def saved(known: TrackedCampaign | None, record: CampaignSaved) -> TrackedCampaign | None:
    """Return the campaign once it is written or rewritten; None: it cannot be any more."""
    now = record.time
    if known is None:
        return TrackedCampaign(
            tenant=record.tenant,
            definition=record.definition,
            state=State.DRAFT,
            revision=1,
            created_at=now,
            changed_at=now,
            log=[Change(now, "saved", record.by)],
        )
    if known.state not in EDITABLE:
        return None
    rewritten = structs.replace(
        known,
        definition=record.definition,
        revision=known.revision + 1,
        approved_by="",
        approved_at=None,
        run=None,
        post=None,
    )
    return _now(rewritten, State.DRAFT, None, Change(now, "saved", record.by))


def moved(known: TrackedCampaign, move: Move, by: str, now: Millis) -> TrackedCampaign | None:
    """Return the campaign after what was asked of it; None: not in its state."""
    if known.state not in FROM[move]:
        return None
    change = Change(now, move.value, by)
    match move:
        case Move.APPROVE:
            approved = structs.replace(known, approved_by=by, approved_at=now)
            return _scheduled(approved, first_post(known.definition.schedule, now), change)
        case Move.PAUSE:
            return _now(known, State.PAUSED, None, change)
        case Move.RESUME if known.run is not None:
            return _now(known, State.RUNNING, now, change)
        case Move.RESUME:
            return _scheduled(known, _after_pause(known, now), change)
        case Move.CANCEL:
            return _now(known, State.CANCELLED, None, change)


def started(known: TrackedCampaign, now: Millis) -> TrackedCampaign:
    """Return a scheduled campaign whose time has come: it runs, unless it is too late for that."""
    post = known.post
    schedule = known.definition.schedule
    if post is None or now > post.at + schedule.grace_minutes * 60_000:
        later = None if post is None else next_post(schedule, post, now)
        return _scheduled(known, later, Change(now, "missed"))
    number = known.runs + 1
    run = Run(number=number, post=post, started_at=now)
    running = structs.replace(known, run=run, runs=number)
    return _now(running, State.RUNNING, now, Change(now, f"run {number} started"))


def advanced(known: TrackedCampaign, cursor: str, asked: int, due_at: Millis) -> TrackedCampaign:
    """Return a running campaign that has asked for more messages, up to `cursor`."""
    assert known.run is not None
    run = structs.replace(known.run, cursor=cursor, asked=known.run.asked + asked)
    return structs.replace(known, run=run, asked=known.asked + asked, due_at=due_at)


def ended(known: TrackedCampaign, now: Millis) -> TrackedCampaign:
    """Return a campaign whose run has come to the end of its audience."""
    assert known.run is not None
    run = known.run
    later = next_post(known.definition.schedule, run.post, now)
    done = structs.replace(known, run=None)
    return _scheduled(done, later, Change(now, f"run {run.number} ended: {run.asked}"))


def _after_pause(known: TrackedCampaign, now: Millis) -> Post | None:
    post = known.post
    if post is None or now <= post.at + known.definition.schedule.grace_minutes * 60_000:
        return post
    return next_post(known.definition.schedule, post, now)


def _scheduled(known: TrackedCampaign, post: Post | None, change: Change) -> TrackedCampaign:
    """Return the campaign as it waits for `post`, or at its end where there is none."""
    waiting = structs.replace(known, post=post)
    if post is None:
        return _now(waiting, State.FINISHED, None, change)
    return _now(waiting, State.SCHEDULED, post.at, change)


def _now(
    known: TrackedCampaign, state: State, due_at: Millis | None, change: Change
) -> TrackedCampaign:
    return structs.replace(
        known,
        state=state,
        due_at=due_at,
        changed_at=change.at,
        log=[*known.log[1 - MOST_LOGGED :], change],
    )
