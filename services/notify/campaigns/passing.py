"""Relays of a partition's groups: messages are taken up, wait, and are passed on. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from services.notify.campaigns import metrics
from services.notify.campaigns.audience import GroupOutreach
from services.notify.campaigns.documents import RELAY, group_at, pending_at
from services.notify.campaigns.relaying import (
    ECHO_MS,
    Filters,
    PendingRelay,
    TrackedRelay,
    asks,
    digest,
    may_be_relayed,
)
from shared.campaigns import RelaySaved
from shared.events import MessageEdited, MessagePosted, Millis
from shared.stream.contracts import Documents, Output, Publish
from shared.topics import Topic


class Passing:
    """Relays that begin in the groups of one partition."""

    def __init__(self) -> None:
        self._filters = Filters()

    def saved(self, record: RelaySaved, documents: Documents) -> None:
        """Keep a relay with its source, or remove it there."""
        key = group_at(record.tenant, record.group)
        known: GroupOutreach | None = documents.get(*key)
        group = GroupOutreach(tenant=record.tenant, group=record.group) if known is None else known
        relays = {id: relay for id, relay in group.relays.items() if id != record.campaign}
        before = documents.get(RELAY, record.campaign)
        if record.relay is None:
            documents.remove(RELAY, record.campaign)
        else:
            relays[record.campaign] = record.relay
            kept = TrackedRelay(
                tenant=record.tenant,
                relay=record.relay,
                created_at=record.time if before is None else before.created_at,
                changed_at=record.time,
            )
            documents.put(RELAY, record.campaign, kept)
        documents.put(*key, structs.replace(group, relays=relays))

    def posted(self, event: MessagePosted, now: Millis, documents: Documents) -> None:
        """Take a message up if a relay wants it; it waits, as it may yet be flagged."""
        group: GroupOutreach | None = documents.get(*group_at(event.tenant, event.group))
        if group is None or not group.relays or not may_be_relayed(event):
            return
        if _is_echo(event, group, now):
            metrics.RELAYED.labels("echo").inc()
            return
        wanting = [id for id, each in group.relays.items() if self._filters.passes(each, event)]
        if not wanting:
            return
        delay = max(group.relays[id].delay_seconds for id in wanting)
        pending = PendingRelay(
            tenant=event.tenant,
            group=event.group,
            message=event.message,
            event=event.identity,
            member=event.member,
            text=event.text,
            relays=sorted(wanting),
            due_at=Millis(now + delay * 1000),
        )
        documents.put(*pending_at(event.tenant, event.group, event.message), pending)

    def edited(self, event: MessageEdited, documents: Documents) -> None:
        """Pass on what a waiting message says now."""
        key = pending_at(event.tenant, event.group, event.message)
        known: PendingRelay | None = documents.get(*key)
        if known is not None and event.text.strip():
            documents.put(*key, structs.replace(known, text=event.text))

    def removed(
        self, tenant: str, group: str, message: str, result: str, documents: Documents
    ) -> None:
        """Do not pass on a message that was flagged or deleted while it waited."""
        key = pending_at(tenant, group, message)
        if documents.get(*key) is not None:
            documents.remove(*key)
            metrics.RELAYED.labels(result).inc()

    def due(self, pending: PendingRelay, now: Millis, documents: Documents) -> Iterable[Output]:
        """Ask for a message in the targets of the relays that still want it."""
        key = pending_at(pending.tenant, pending.group, pending.message)
        known: PendingRelay | None = documents.get(*key)
        if known is None or known.due_at > now:
            return []
        group: GroupOutreach | None = documents.get(*group_at(known.tenant, known.group))
        relays = {} if group is None else group.relays
        documents.remove(*key)
        metrics.RELAYED.labels("passed_on").inc()
        return [
            Publish(Topic.CAMPAIGNS, ask)
            for id in known.relays
            if id in relays and relays[id].enabled
            for ask in asks(known, id, relays[id], now)
        ]


def _is_echo(event: MessagePosted, group: GroupOutreach, now: Millis) -> bool:
    """Whether the message was relayed into the group of late: it must not go round."""
    mark = digest(event.text)
    return any(each.id == mark and each.at > now - ECHO_MS for each in group.relayed)
