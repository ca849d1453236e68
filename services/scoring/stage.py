"""What the scoring service does with each event and each flag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from msgspec.structs import replace

from services.scoring.calendar import Moment
from services.scoring.contribution import addressees, gains_of
from services.scoring.ending import with_end
from services.scoring.erasure.tombstones import erased_until, with_tombstone
from services.scoring.gathering import GATHERING
from services.scoring.group import Change, Group
from services.scoring.group import fold as fold_group
from services.scoring.listing import JUDGED, LISTINGS, SEEN
from services.scoring.member import Member, acted, flagged, touched
from services.scoring.models import CHURN, latest
from services.scoring.segments.definitions import NOTHING, InForce
from services.scoring.segments.signals import JUDGEMENTS
from services.scoring.transitions import armed, finding, found_otherwise, written_to
from services.scoring.transitions import look as look_at
from services.scoring.watch import Watch, heard, look
from shared.actions import Action, ActionKind
from shared.events import BaseEvent, TenantId
from shared.members import MemberErased
from shared.stream.contracts import (
    Documents,
    Due,
    Input,
    Key,
    Kind,
    Outcome,
    Output,
    Publish,
    Record,
    Reference,
    Stage,
)
from shared.topics import Topic
from shared.verdicts import Flag

MEMBERS = Kind(
    "members",
    Member,
    timed=True,
    shown=("tenant", "group", "member", "circle", "rank", "counts", "messages", "due_at"),
)
GROUPS = Kind("groups", Group, shown=("tenant", "group", "counts", "last_at", "members"))
WATCHES = Kind("group_watches", Watch, timed=True)
KINDS = (MEMBERS, GROUPS, WATCHES, SEEN, JUDGED)

_SEPARATOR = "\x1f"


def group_id(tenant: str, group: str) -> str:
    """Return the `_id` of a group's documents; no two groups share one."""
    return f"{tenant}{_SEPARATOR}{group}"


def member_id(tenant: str, group: str, member: str) -> str:
    """Return the `_id` of a member's document in a group."""
    return f"{tenant}{_SEPARATOR}{group}{_SEPARATOR}{member}"


class Tenants(Reference, Protocol):
    """What each tenant has laid down: its clock, its limits, when its groups end."""

    def of(self, tenant: TenantId) -> InForce:
        """Return what is in force for a tenant."""


class ScoringPartition:
    """Keeps the members and groups of one partition.

    Holds nothing itself: all that it knows is in the documents. Events and
    flags may come in any order and lead to the same members and groups.
    """

    def __init__(self, tenants: Tenants | None = None) -> None:
        self._tenants = tenants

    def keys(self, item: Input) -> Iterable[Key]:
        if isinstance(item, Record) and item.topic is Topic.MEMBERS:
            if isinstance(asked := item.value, MemberErased):
                yield MEMBERS, member_id(asked.tenant, asked.group, asked.member)
                yield GROUPS, group_id(asked.tenant, asked.group)
        elif isinstance(item, Record) and item.topic is Topic.ACTIONS:
            yield from _addressed(item.value)
        elif isinstance(item, Record):
            event = _event(item)
            tenant, group = event.tenant, event.group
            whole = group_id(tenant, group)
            yield MEMBERS, member_id(tenant, group, event.member)
            yield GROUPS, whole
            yield WATCHES, whole
            for member in addressees(event):
                yield MEMBERS, member_id(tenant, group, member)
        elif isinstance(item, Due) and item.kind is MEMBERS:
            yield MEMBERS, item.id
        elif isinstance(item, Due):
            yield GROUPS, item.id
            yield WATCHES, item.id

    def rebuild(self, record: Record) -> None:
        """There is no recent state."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        if isinstance(item, Record):
            value = item.value
            if isinstance(value, Flag):
                flags = -1 if value.reverses else 1
                when = self._moment(value.event)
                sign = -flags if value.spam else 0
                _count(value.event, when, sign, documents, value.labels, flags)
            elif isinstance(value, BaseEvent):
                _count(value, self._moment(value), 1, documents)
            elif isinstance(value, MemberErased):
                _erase(value, documents)
            elif isinstance(value, Action):
                _note_contact(value, documents)
            return ()
        if isinstance(item, Due):
            if item.kind is MEMBERS:
                return self._look_at_member(item, documents)
            return self._look(item, documents)
        raise TypeError(f"scoring performs no tasks, yet got an {Outcome.__name__}")

    def _in_force(self, tenant: TenantId) -> InForce:
        return NOTHING if self._tenants is None else self._tenants.of(tenant)

    def _moment(self, event: BaseEvent) -> Moment:
        return self._in_force(event.tenant).clock.moment(event.time)

    def _look_at_member(self, due: Due, documents: Documents) -> Iterator[Output]:
        member = documents.get(MEMBERS, due.id)
        if member is None:
            raise LookupError(f"no member {due.id!r} to look at")
        in_force = self._in_force(member.tenant)
        today = replace(member, offset=in_force.clock.offset(due.now))
        seen, action = look_at(today, due.now, latest(CHURN), in_force.frequency(due.now))
        _put(due.id, member, replace(seen, offset=member.offset), documents)
        if action is not None:
            yield Publish(Topic.ACTIONS, action)
        if JUDGEMENTS & in_force.names and found_otherwise(member, seen):
            yield Publish(Topic.MEMBERS, finding(seen))

    def _look(self, due: Due, documents: Documents) -> Iterator[Output]:
        group = documents.get(GROUPS, due.id)
        watch = documents.get(WATCHES, due.id)
        if group is None or watch is None:
            raise LookupError(f"no group {due.id!r} to watch over")
        in_force = self._in_force(watch.tenant)
        today = replace(group, offset=in_force.clock.offset(due.now))
        seen, actions = look(watch, today, due.now)
        seen, actions = with_end(seen, actions, in_force.ends.get(watch.group))
        documents.put(WATCHES, due.id, seen)
        for action in actions:
            yield Publish(Topic.ACTIONS, action)


def scoring_stage(tenants: Tenants | None = None) -> Stage:
    """Return the stage as the runtime needs it; without `tenants` none has laid down anything."""
    return Stage(
        name="scoring",
        topics=(Topic.EVENTS, Topic.FLAGS, Topic.MEMBERS, Topic.ACTIONS),
        open_partition=lambda _: ScoringPartition(tenants),
        kinds=KINDS,
        leisure=2,
        gathering=GATHERING,
        references=() if tenants is None else (tenants,),
    )


def _event(record: Record) -> BaseEvent:
    event: BaseEvent = record.value.event if record.topic is Topic.FLAGS else record.value
    return event


def _count(
    event: BaseEvent,
    when: Moment,
    sign: int,
    documents: Documents,
    labels: Sequence[str] = (),
    flags: int = 0,
) -> None:
    """Fold what an event earned into the documents: once (1), back out (-1) or not at all (0).

    `flags` is 1 for a flag, -1 for one that is taken back: its labels count so often.
    """
    gains = gains_of(event)
    tenant, group = event.tenant, event.group
    whole = group_id(tenant, group)
    old = documents.get(GROUPS, whole)
    erased = old.erased if old is not None else {}
    if erased and event.time <= erased_until(erased, tenant, event.member):
        return
    own_id = member_id(tenant, group, event.member)
    before = documents.get(MEMBERS, own_id)
    after = acted(before, event, when, gains.own, sign)
    if labels:
        after = flagged(after, labels, flags)
    others = []
    for member, gain in gains.others:
        if erased and event.time <= erased_until(erased, tenant, member):
            continue
        id = member_id(tenant, group, member)
        known = documents.get(MEMBERS, id)
        changed = touched(known, event, when, member, gain, sign)
        _put(id, known, changed, documents)
        others.append((known, changed))
    after = armed(after, event, when.day)
    _put(own_id, before, after, documents)
    change = Change(event, when, sign, gains.own, before, after, others, labels, flags)
    documents.put(GROUPS, whole, fold_group(old, change))
    _arm(event, whole, old.last_at if old else 0, documents)


def _put(id: str, before: Member | None, after: Member, documents: Documents) -> None:
    """Put a member, and what they are listed by where that has changed."""
    documents.put(MEMBERS, id, after)
    for kind, listed in LISTINGS:
        was, now = None if before is None else listed(before), listed(after)
        if now is None:
            if was is not None:
                documents.remove(kind, id)
        elif now != was:
            documents.put(kind, id, now)


def _erase(asked: MemberErased, documents: Documents) -> None:
    """Forget a member; what the group's figures owe to them stays, without a name."""
    id = member_id(asked.tenant, asked.group, asked.member)
    known = documents.get(MEMBERS, id)
    for kind in (MEMBERS, SEEN, JUDGED):
        documents.remove(kind, id)
    whole, time = group_id(asked.tenant, asked.group), asked.time
    group = documents.get(GROUPS, whole)
    if group is None:
        group = Group(tenant=asked.tenant, group=asked.group, first_at=time, last_at=time)
    kept_out = with_tombstone(group.erased, asked.tenant, asked.member, time)
    members = group.members - (known is not None and known.is_present)
    documents.put(GROUPS, whole, replace(group, members=members, erased=kept_out))


def _addressed(action: Action) -> Iterator[Key]:
    """Name the member whom a message is for, whoever sends it."""
    if action.kind is ActionKind.MEMBER_MESSAGE and action.member is not None:
        yield MEMBERS, member_id(action.tenant, action.group, action.member)


def _note_contact(action: Action, documents: Documents) -> None:
    """Count a message to a member, such as a campaign's, for how often they are told something."""
    for kind, id in _addressed(action):
        known = documents.get(kind, id)
        if known is not None:
            documents.put(kind, id, written_to(known, action.id, action.time))


def _arm(event: BaseEvent, whole: str, latest: int, documents: Documents) -> None:
    watch = documents.get(WATCHES, whole)
    armed = heard(watch, event, latest)
    if armed is not watch:
        documents.put(WATCHES, whole, armed)
