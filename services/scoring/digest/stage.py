"""What the digests' stage does with each event, flag and erasure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final, Protocol

from msgspec.structs import replace

from services.scoring.calendar import HOUR
from services.scoring.clock import DEFAULT_CLOCK, TenantClock
from services.scoring.digest.highlight import (
    Highlight,
    Said,
    deed,
    hidden,
    highlight,
    rewritten,
    valued,
    without,
)
from services.scoring.digest.plan import DigestSettings, Plan, digest, with_candidate
from services.scoring.erasure.forgetting import Forgetting, begin, forgetting_id, search
from services.scoring.erasure.tombstones import erased_until, with_tombstone
from services.scoring.gathering import GATHERING
from services.scoring.profiles.documents import SEPARATOR, group_id
from services.scoring.segments.definitions import InForce
from shared.events import (
    BaseEvent,
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    Role,
    TenantId,
)
from shared.members import MemberErased
from shared.stream.contracts import (
    Documents,
    Due,
    Input,
    Key,
    Kind,
    Outcome,
    Output,
    Performer,
    Publish,
    Record,
    Reference,
    Stage,
)
from shared.topics import Topic
from shared.verdicts import Flag

HORIZON: Final = timedelta(hours=1)
MOST_REMEMBERED: Final = 50_000
_LEAST_CHARACTERS: Final = 4


HIGHLIGHTS: Final = Kind("highlights", Highlight)
PLANS: Final = Kind("digest_plans", Plan, timed=True)
FORGETTINGS: Final = Kind("digest_forgettings", Forgetting, timed=True)
KINDS: Final = (HIGHLIGHTS, PLANS, FORGETTINGS)


class Tenants(Reference, Protocol):
    """By which clock each tenant's days turn."""

    def of(self, tenant: TenantId) -> InForce:
        """Return what is in force for a tenant."""


class Wishes(Reference, Protocol):
    """What each tenant wants of digests."""

    def of(self, tenant: TenantId) -> DigestSettings:
        """Return a tenant's settings."""


def highlight_id(tenant: str, group: str, message: str) -> str:
    """Return the `_id` of a message."""
    return f"{tenant}{SEPARATOR}{group}{SEPARATOR}{message}"


class DigestPartition:
    """Keeps the valued messages of one partition's groups.

    Recent state: what was said within the last hour, so that a message costs
    MongoDB nothing until somebody values it.
    """

    def __init__(self, wishes: Wishes, tenants: Tenants | None = None) -> None:
        self._wishes = wishes
        self._tenants = tenants
        self._said: OrderedDict[str, Said] = OrderedDict()

    def keys(self, item: Input) -> Iterable[Key]:
        if isinstance(item, Due):
            yield item.kind, item.id
            if item.kind is PLANS:
                plan: Plan = item.document
                for message, _ in plan.candidates:
                    yield HIGHLIGHTS, highlight_id(plan.tenant, plan.group, message)
        elif isinstance(item, Outcome):
            yield FORGETTINGS, forgetting_id(item.task)
            yield from ((HIGHLIGHTS, id) for id in item.result or ())
        elif isinstance(item.value, MemberErased):
            yield PLANS, group_id(item.value.tenant, item.value.group)
        elif item.topic is not Topic.MEMBERS:
            event = item.value.event if item.topic is Topic.FLAGS else item.value
            if deed(event) is not None:
                yield PLANS, _plan_id(event)
            for message in _about(event, flagged=item.topic is Topic.FLAGS):
                yield HIGHLIGHTS, highlight_id(event.tenant, event.group, message)

    def rebuild(self, record: Record) -> None:
        value = record.value
        if isinstance(value, BaseEvent):
            self._hear(value)
        elif isinstance(value, Flag):
            self._unhear(value)

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        if isinstance(item, Due):
            return _due(item, documents, self._wishes)
        if isinstance(item, Outcome):
            return _forget(item, documents)
        value = item.value
        if isinstance(value, MemberErased):
            self._erase(value, documents)
            return ()
        if isinstance(value, Flag):
            self._flag(value, documents)
        elif isinstance(value, BaseEvent):
            self._event(value, documents)
        return ()

    def _event(self, event: BaseEvent, documents: Documents) -> None:
        if isinstance(event, MessageDeleted):
            documents.remove(HIGHLIGHTS, highlight_id(event.tenant, event.group, event.message))
        elif isinstance(event, MessageEdited):
            self._change(event, event.message, documents)
        else:
            self._value(event, 1, documents)
        self._hear(event)

    def _flag(self, flag: Flag, documents: Documents) -> None:
        event = flag.event
        if not flag.spam:
            return
        if isinstance(event, MessagePosted):
            id = highlight_id(event.tenant, event.group, event.message)
            known = documents.get(HIGHLIGHTS, id)
            if known is not None:
                put = rewritten(known, event.text) if flag.reverses else hidden(known)
                documents.put(HIGHLIGHTS, id, put)
        self._value(event, 1 if flag.reverses else -1, documents)
        self._unhear(flag)

    def _change(self, event: MessageEdited, message: MessageId, documents: Documents) -> None:
        id = highlight_id(event.tenant, event.group, message)
        known = documents.get(HIGHLIGHTS, id)
        if known is not None and not known.hidden:
            documents.put(HIGHLIGHTS, id, rewritten(known, event.text))

    def _value(self, event: BaseEvent, sign: int, documents: Documents) -> None:
        """Note what an event does with another's message, if it is known."""
        done = deed(event)
        if done is None:
            return
        message, what = done
        id, whole = highlight_id(event.tenant, event.group, message), _plan_id(event)
        known = documents.get(HIGHLIGHTS, id)
        plan = documents.get(PLANS, whole) or Plan(tenant=event.tenant, group=event.group)
        if _is_erased(plan, event.member, event.time):
            return
        wishes = self._wishes.of(event.tenant)
        if known is None:
            said = self._said.get(id)
            if said is None or sign < 0 or event.time - said.time > HOUR:
                return
            if _is_erased(plan, said.member, said.time):
                return
            day = self._clock(event.tenant).day(said.time)
            known = highlight(event, message, said, day, wishes.keep_days)
        changed = valued(known, event.member, what, sign)
        if changed is known:
            return
        documents.put(HIGHLIGHTS, id, changed)
        if wishes.send and not event.backfill:
            clock = self._clock(event.tenant)
            documents.put(PLANS, whole, with_candidate(plan, changed, wishes, event.time, clock))

    def _clock(self, tenant: TenantId) -> TenantClock:
        return DEFAULT_CLOCK if self._tenants is None else self._tenants.of(tenant).clock

    def _erase(self, asked: MemberErased, documents: Documents) -> None:
        """Keep out what the member did before, and have all messages that name them found."""
        whole = group_id(asked.tenant, asked.group)
        plan = documents.get(PLANS, whole) or Plan(tenant=asked.tenant, group=asked.group)
        kept_out = with_tombstone(plan.erased, asked.tenant, asked.member, asked.time)
        documents.put(PLANS, whole, replace(plan, erased=kept_out))
        begin(FORGETTINGS, asked, documents)

    def _hear(self, event: BaseEvent) -> None:
        """Remember what was said, for an hour of the group's own time."""
        if isinstance(event, MessagePosted):
            if event.role is Role.BOT or len(event.text) < _LEAST_CHARACTERS:
                return
            id = highlight_id(event.tenant, event.group, event.message)
            self._said[id] = Said(event.member, event.text, event.time)
            while len(self._said) > MOST_REMEMBERED:
                self._said.popitem(last=False)
            oldest = next(iter(self._said.values()))
            if oldest.time < event.time - HOUR:
                self._said.popitem(last=False)
        elif isinstance(event, MessageDeleted | MessageEdited):
            id = highlight_id(event.tenant, event.group, event.message)
            said = self._said.pop(id, None)
            if said is not None and isinstance(event, MessageEdited):
                self._said[id] = Said(said.member, event.text, said.time)

    def _unhear(self, flag: Flag) -> None:
        event = flag.event
        if flag.spam and isinstance(event, MessagePosted):
            if flag.reverses:
                self._hear(event)
            else:
                self._said.pop(highlight_id(event.tenant, event.group, event.message), None)


def digest_stage(wishes: Wishes, tenants: Tenants, performer: Performer) -> Stage:
    """Return the stage as the runtime needs it."""
    return Stage(
        name="digest",
        topics=(Topic.EVENTS, Topic.FLAGS, Topic.MEMBERS),
        open_partition=lambda _: DigestPartition(wishes, tenants),
        kinds=KINDS,
        leisure=4,
        gathering=GATHERING,
        horizon=HORIZON,
        performer=performer,
        references=(wishes, tenants),
    )


def _about(event: BaseEvent, *, flagged: bool) -> Iterator[str]:
    """Yield the messages whose highlights an event may change."""
    done = deed(event)
    if done is not None:
        yield done[0]
    own = (MessageDeleted, MessageEdited, *((MessagePosted,) if flagged else ()))
    if isinstance(event, own):
        yield event.message


def _plan_id(event: BaseEvent) -> str:
    return group_id(event.tenant, event.group)


def _is_erased(plan: Plan, member: str, time: int) -> bool:
    return bool(plan.erased) and time <= erased_until(plan.erased, plan.tenant, member)


def _due(due: Due, documents: Documents, wishes: Wishes) -> Iterator[Output]:
    if due.kind is FORGETTINGS:
        yield from search(due, documents)
        return
    plan: Plan = due.document
    ids = [highlight_id(plan.tenant, plan.group, message) for message, _ in plan.candidates]
    found = [known for id in ids if (known := documents.get(HIGHLIGHTS, id)) is not None]
    moment = plan.due_at or due.now
    after, action = digest(plan, found, wishes.of(plan.tenant), moment)
    documents.put(PLANS, due.id, after)
    if action is not None:
        yield Publish(Topic.ACTIONS, action)


def _forget(outcome: Outcome, documents: Documents) -> Iterable[Output]:
    """Forget the member in the messages that were found; None: the lease will ask again."""
    task: Forgetting = outcome.task
    if outcome.result is None:
        return ()
    for id in outcome.result:
        known = documents.get(HIGHLIGHTS, id)
        if known is None:
            continue
        left = without(known, task.member)
        if left is None:
            documents.remove(HIGHLIGHTS, id)
        else:
            documents.put(HIGHLIGHTS, id, left)
    documents.remove(FORGETTINGS, forgetting_id(task))
    return ()
