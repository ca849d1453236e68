"""What the points stage does with events, flags and what tenants ask: it keeps the accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from msgspec.structs import replace

from services.scoring.calendar import DAY
from services.scoring.clock import DEFAULT_CLOCK
from services.scoring.erasure.forgetting import search
from services.scoring.gathering import GATHERING
from services.scoring.points import erasing
from services.scoring.points.account import Account, changed, earned
from services.scoring.points.documents import (
    ACCOUNTS,
    INVITATIONS,
    KEPT_DAYS,
    KINDS,
    LEDGER,
    POINT_FORGETTINGS,
    Invitation,
    document_id,
)
from services.scoring.points.earning import Earned, earned_by
from services.scoring.points.terms import PLACE, Earning, Terms
from services.scoring.segments.definitions import InForce
from shared.actions import Action, ActionKind
from shared.events import (
    BaseEvent,
    InviteAccepted,
    MemberId,
    MemberLeft,
    Millis,
    TenantId,
    derive_id,
)
from shared.members import MemberErased, PointsChanged
from shared.stream.contracts import (
    Documents,
    Due,
    Input,
    Key,
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


class Tenants(Reference, Protocol):
    """By which clock each tenant's days turn."""

    def of(self, tenant: TenantId) -> InForce:
        """Return what is in force for a tenant."""


class KnownTerms(Reference, Protocol):
    """What each tenant has laid down."""

    def of(self, tenant: TenantId) -> Terms:
        """Return what holds for a tenant."""


class PointsPartition:
    """Keeps the accounts of one partition's members; whoever owns it decides on each request."""

    def __init__(self, terms: KnownTerms, tenants: Tenants | None = None) -> None:
        self._terms = terms
        self._tenants = tenants

    def keys(self, item: Input) -> Iterable[Key]:
        if isinstance(item, Outcome):
            yield from erasing.found_keys(item)
        elif isinstance(item, Due):
            yield item.kind, item.id
            if item.kind is INVITATIONS and item.document.inviter is not None:
                yield ACCOUNTS, _account_id(item.document, item.document.inviter)
                yield erasing.erased_key(item.document)
        else:
            value = item.value.event if item.topic is Topic.FLAGS else item.value
            if isinstance(value, PointsChanged):
                yield LEDGER, document_id(value.tenant, value.group, value.entry)
                yield ACCOUNTS, _account_id(value, value.member)
                yield erasing.erased_key(value)
            elif isinstance(value, MemberErased):
                yield erasing.erased_key(value)
            elif isinstance(value, InviteAccepted):
                yield INVITATIONS, document_id(value.tenant, value.group, value.invitee)
                yield erasing.erased_key(value)
            elif isinstance(value, MemberLeft):
                yield INVITATIONS, document_id(value.tenant, value.group, value.member)
            elif isinstance(value, BaseEvent) and (found := earned_by(value)):
                yield ACCOUNTS, _account_id(value, found.member)
                yield erasing.erased_key(value)

    def rebuild(self, record: Record) -> None:
        """There is no recent state."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        if isinstance(item, Outcome):
            return erasing.forget(item, documents)
        if isinstance(item, Due):
            if item.kind is POINT_FORGETTINGS:
                return search(item, documents)
            return self._kept(item, documents)
        value = item.value
        if isinstance(value, PointsChanged):
            return self._change(value, documents)
        if isinstance(value, MemberErased):
            erasing.erase(value, documents)
            return ()
        if isinstance(value, Flag):
            sign = 0 if not value.spam else 1 if value.reverses else -1
            return self._count(value.event, sign, documents)
        return self._count(value, 1, documents) if isinstance(value, BaseEvent) else ()

    def _count(self, event: BaseEvent, sign: int, documents: Documents) -> Iterable[Output]:
        if isinstance(event, InviteAccepted | MemberLeft):
            _invited(event, sign, documents)
            return ()
        found = earned_by(event)
        if found is None or not sign:
            return ()
        if erasing.is_erased(event, found.member, event.time, documents):
            return ()
        return self._earn(event, found, sign, Millis(event.time), event.backfill, documents)

    def _earn(
        self,
        about: BaseEvent | Invitation,
        found: Earned,
        sign: int,
        time: Millis,
        backfill: bool,
        documents: Documents,
    ) -> Iterator[Output]:
        terms = self._terms.of(about.tenant)
        id = _account_id(about, found.member)
        known = documents.get(ACCOUNTS, id) or Account(
            tenant=about.tenant, group=about.group, member=MemberId(found.member)
        )
        after = earned(known, found.place, sign * found.times, self._day(about.tenant, time), terms)
        level = terms.level(after.total)
        if level > after.told:
            after = replace(after, told=level)
        documents.put(ACCOUNTS, id, after)
        if after.told > known.told and not backfill:
            yield Publish(Topic.ACTIONS, _promotion(known.told, after, terms, time))

    def _day(self, tenant: TenantId, time: int) -> int:
        clock = DEFAULT_CLOCK if self._tenants is None else self._tenants.of(tenant).clock
        return clock.day(time)

    def _change(self, request: PointsChanged, documents: Documents) -> Iterable[Output]:
        """Decide on a request once; the same entry asked for again changes nothing."""
        entry_id = document_id(request.tenant, request.group, request.entry)
        if documents.get(LEDGER, entry_id) is not None:
            return ()
        if erasing.is_erased(request, request.member, request.time, documents):
            return ()
        id = _account_id(request, request.member)
        known = documents.get(ACCOUNTS, id) or Account(
            tenant=request.tenant, group=request.group, member=request.member
        )
        after, entry = changed(known, request)
        documents.put(ACCOUNTS, id, after)
        documents.put(LEDGER, entry_id, entry)
        return ()

    def _kept(self, due: Due, documents: Documents) -> Iterable[Output]:
        invitation = documents.get(INVITATIONS, due.id)
        if invitation is None:
            return ()
        holds = invitation.holds
        documents.put(INVITATIONS, due.id, replace(invitation, paid=holds, due_at=None))
        if holds is invitation.paid or invitation.inviter is None:
            return ()
        if erasing.is_erased(invitation, invitation.inviter, invitation.accepted_at, documents):
            return ()
        time = Millis(invitation.accepted_at + KEPT_DAYS * DAY)
        found = Earned(invitation.inviter, PLACE[Earning.INVITE], 1)
        sign = 1 if holds else -1
        return self._earn(invitation, found, sign, time, not invitation.live, documents)


def points_stage(terms: KnownTerms, tenants: Tenants, performer: Performer) -> Stage:
    """Return the stage as the runtime needs it."""
    return Stage(
        name="points",
        topics=(Topic.EVENTS, Topic.FLAGS, Topic.MEMBERS),
        open_partition=lambda _: PointsPartition(terms, tenants),
        kinds=KINDS,
        leisure=4,
        gathering=GATHERING,
        performer=performer,
        references=(terms, tenants),
    )


def _account_id(about: BaseEvent | PointsChanged | MemberErased | Invitation, member: str) -> str:
    return document_id(about.tenant, about.group, member)


def _invited(event: InviteAccepted | MemberLeft, sign: int, documents: Documents) -> None:
    """Note an invitation or a leave; the first inviter counts, and each invitation once."""
    invitee = event.invitee if isinstance(event, InviteAccepted) else event.member
    id = document_id(event.tenant, event.group, invitee)
    known = documents.get(INVITATIONS, id)
    if isinstance(event, MemberLeft):
        if known is not None:
            left_at = max(known.left_at, event.time)
            documents.put(INVITATIONS, id, replace(known, left_at=left_at))
        return
    for member in (invitee, event.member):
        if erasing.is_erased(event, member, event.time, documents):
            return
    if known is None:
        known = Invitation(
            tenant=event.tenant,
            group=event.group,
            invitee=invitee,
            inviter=event.member,
            accepted_at=event.time,
            live=not event.backfill,
        )
    if known.inviter == event.member and known.accepted_at == event.time:
        due_at = Millis(known.accepted_at + KEPT_DAYS * DAY)
        documents.put(INVITATIONS, id, replace(known, counts=known.counts + sign, due_at=due_at))


def _promotion(before: int, account: Account, terms: Terms, time: Millis) -> Action:
    """A level's action has an id of its own: it is told once, however often it is reached."""
    cause = derive_id(account.tenant, account.group, account.member, "level", str(account.told))
    gained = [each for each in terms.rewards if before < each.level <= account.told]
    rewards = "; ".join(each.reward for each in gained if each.reward)
    privileges = "; ".join(name for each in gained for name in each.privileges)
    return Action(
        id=derive_id(cause, ActionKind.MEMBER_PROMOTED),
        kind=ActionKind.MEMBER_PROMOTED,
        tenant=account.tenant,
        group=account.group,
        member=account.member,
        time=time,
        cause=cause,
        reason=f"Reached level {account.told} with {account.total} points.",
        details={
            "what": "level",
            "from": before,
            "to": account.told,
            "points": account.total,
            "reward": rewards,
            "privileges": privileges,
        },
    )
