"""Messages to a partition's groups and members: they are said, wait, or are left out. Pure."""

from __future__ import annotations

from typing import Final, Protocol

from msgspec import structs

from services.notify.campaigns import metrics
from services.notify.campaigns.audience import (
    GroupOutreach,
    MemberOutreach,
    Outreach,
    Watch,
    contacted,
    unwatched,
    watching,
)
from services.notify.campaigns.documents import SEND, group_at, member_at
from services.notify.campaigns.relaying import ECHO_MS, digest
from services.notify.campaigns.sends import State, TrackedSend, action_of, is_held_out
from services.notify.campaigns.template import InvalidTemplateError, Templates
from services.notify.campaigns.wording import wording
from shared.actions import Action
from shared.campaigns import SendAsked, SendReturned, SendWithdrawn
from shared.events import Millis, derive_id
from shared.frequency import Contact, noted
from shared.stream.contracts import Documents, Output, Publish
from shared.topics import Topic

ANSWER_MS: Final = 60_000
"""How long to wait for the campaign's owner before it is asked again."""


class Receivers(Protocol):
    """Who gets an action, as of now."""

    def webhooks(self, action: Action) -> list[str]:
        """Return what the action's deliveries are called: one for each endpoint that wants it."""


class Sending:
    """Messages to the groups of one partition, and to their members."""

    def __init__(self, receivers: Receivers) -> None:
        self._receivers = receivers
        self._templates = Templates()

    def asked(self, ask: SendAsked, now: Millis, documents: Documents) -> list[Output]:
        """Say a message if its recipient's limits allow; else wait, or leave it out."""
        known = documents.get(SEND, ask.send)
        if known is not None and (known.ask is None or known.ask.attempt >= ask.attempt):
            return []
        send = TrackedSend.of(ask, now) if known is None else known
        if ask.not_before > now:
            documents.put(SEND, ask.send, send.waits(ask, ask.not_before, send.reason, now))
            return []
        if ask.origin is not None:
            return self._relayed(send, ask, now, documents)
        if ask.member is None:
            return self._tried(send, ask, _group(ask, documents), None, now, documents)
        member = _member(ask, documents)
        return self._tried(send, ask, member, member, now, documents)

    def withdrawn(self, record: SendWithdrawn, now: Millis, documents: Documents) -> list[Output]:
        """Give up a message that waits."""
        known = documents.get(SEND, record.send)
        if known is not None and known.state is State.WAITING:
            _end(record.send, known, State.CANCELLED, "", now, documents)
        return []

    def due(self, id: str, now: Millis, documents: Documents) -> list[Output]:
        """Ask for a message again whose wait is over, or measure what one has brought."""
        known = documents.get(SEND, id)
        if known is None or known.due_at is None or known.due_at > now:
            return []
        if known.ask is None:
            _measure(id, known, documents)
            return []
        documents.put(SEND, id, structs.replace(known, due_at=Millis(now + ANSWER_MS)))
        record = SendReturned(
            id=derive_id(id, "returned", str(known.ask.attempt)),
            tenant=known.tenant,
            campaign=known.campaign,
            time=now,
            ask=known.ask,
        )
        return [Publish(Topic.CAMPAIGNS, record)]

    def _tried(
        self,
        send: TrackedSend,
        ask: SendAsked,
        recipient: Outreach,
        member: MemberOutreach | None,
        now: Millis,
        documents: Documents,
    ) -> list[Output]:
        if member is not None and not member.present:
            return _end(ask.send, send, State.SKIPPED, "left", now, documents)
        opening = ask.frequency.opening(recipient.contacts, now)
        if opening.hindrance is not None and opening.at <= ask.expires:
            until = Millis(opening.at)
            documents.put(SEND, ask.send, send.waits(ask, until, opening.hindrance, now))
            return []
        if opening.hindrance is not None or now > ask.expires + ANSWER_MS:
            reason = opening.hindrance or "too_late"
            return _end(ask.send, send, State.SKIPPED, reason, now, documents)
        if is_held_out(ask):
            _watch(recipient, ask, now, documents)
            return _end(ask.send, send, State.HELD_OUT, "", now, documents, ask.watch_hours)
        try:
            text = wording(self._templates, ask.content, ask.variables, ask.group, member)
        except InvalidTemplateError as error:
            return _end(ask.send, send, State.FAILED, f"template: {error}", now, documents)
        outputs = self._said(send, ask, text, now, documents)
        if outputs:
            contact = Contact(action_of(ask, text, now).id, now)
            _watch(contacted(recipient, contact), ask, now, documents)
        return outputs

    def _relayed(
        self, send: TrackedSend, ask: SendAsked, now: Millis, documents: Documents
    ) -> list[Output]:
        """Pass a message on, unless the same was passed on into the group within the hour."""
        group = _group(ask, documents)
        opening = ask.frequency.opening(group.relayed, now)
        if opening.hindrance is not None:
            return _end(ask.send, send, State.SKIPPED, opening.hindrance, now, documents)
        try:
            text = wording(self._templates, ask.content, ask.variables, ask.group, None)
        except InvalidTemplateError as error:
            return _end(ask.send, send, State.FAILED, f"template: {error}", now, documents)
        mark = Contact(digest(text), now)
        known = [each for each in group.relayed if each.at > now - ECHO_MS]
        if any(each.id == mark.id for each in known):
            return _end(ask.send, send, State.SKIPPED, "repeated", now, documents)
        outputs = self._said(send, ask, text, now, documents)
        if outputs:
            others = [each for each in group.relayed if each.id != mark.id]
            _put(structs.replace(group, relayed=noted(others, mark)), documents)
        return outputs

    def _said(
        self, send: TrackedSend, ask: SendAsked, text: str, now: Millis, documents: Documents
    ) -> list[Output]:
        action = action_of(ask, text, now)
        webhooks = self._receivers.webhooks(action)
        if not webhooks:
            return _end(ask.send, send, State.FAILED, "no_endpoint", now, documents)
        sent = structs.replace(send, action=action.id, webhooks=webhooks)
        _end(ask.send, sent, State.SENT, "", now, documents, ask.watch_hours)
        return [Publish(Topic.ACTIONS, action)]


def _end(
    id: str,
    send: TrackedSend,
    state: State,
    reason: str,
    now: Millis,
    documents: Documents,
    watch_hours: int = 0,
) -> list[Output]:
    """Write a message down at its end, and say nothing."""
    metrics.SENDS.labels(state).inc()
    documents.put(SEND, id, send.ended(state, reason, now).watched(watch_hours, now))
    return []


def _watch(recipient: Outreach, ask: SendAsked, now: Millis, documents: Documents) -> None:
    until = Millis(now + ask.watch_hours * 3_600_000)
    _put(watching(recipient, Watch(send=ask.send, since=now, until=until)), documents)


def _measure(id: str, known: TrackedSend, documents: Documents) -> None:
    """Note what the recipient did while it was watched, and watch no longer."""
    if known.member is None:
        key = group_at(known.tenant, known.group)
    else:
        key = member_at(known.tenant, known.group, known.member)
    recipient = documents.get(*key)
    if recipient is None:
        documents.put(SEND, id, known.measured(None))
        return
    kept, count = unwatched(recipient, id)
    documents.put(*key, kept)
    documents.put(SEND, id, known.measured(count))


def _group(ask: SendAsked, documents: Documents) -> GroupOutreach:
    known: GroupOutreach | None = documents.get(*group_at(ask.tenant, ask.group))
    return GroupOutreach(tenant=ask.tenant, group=ask.group) if known is None else known


def _member(ask: SendAsked, documents: Documents) -> MemberOutreach:
    assert ask.member is not None
    known: MemberOutreach | None = documents.get(*member_at(ask.tenant, ask.group, ask.member))
    if known is not None:
        return known
    return MemberOutreach(tenant=ask.tenant, group=ask.group, member=ask.member)


def _put(recipient: GroupOutreach | MemberOutreach, documents: Documents) -> None:
    if isinstance(recipient, GroupOutreach):
        documents.put(*group_at(recipient.tenant, recipient.group), recipient)
    else:
        key = member_at(recipient.tenant, recipient.group, recipient.member)
        documents.put(*key, recipient)
