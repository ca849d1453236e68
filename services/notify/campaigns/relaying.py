"""Which messages of a group are said in others, too, and what keeps them from going round. Pure."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Final

import cel
from msgspec import Struct

from shared.campaigns import Content, Relay, SendAsked
from shared.conditions import Condition
from shared.events import (
    GroupId,
    MemberId,
    MessageId,
    MessagePosted,
    Millis,
    Role,
    TenantId,
    derive_id,
)
from shared.verdicts import Decision, Flag

SIGNALS: Final[Mapping[str, str | int | bool]] = {
    "text": "",
    "length": 0,
    "member": "",
    "role": "member",
    "media": "text",
    "mentions": 0,
    "reply": False,
}
"""What a relay's `where` can ask of a message, with values of the right types."""
NAMES: Final = frozenset({"author", "group", "origin", "persona", "text"})
"""Names that the template of a relay may use."""
REMOVING: Final = frozenset({Decision.DELETE, Decision.MUTE, Decision.KICK, Decision.BAN})
"""Verdicts after which a message is not passed on."""
ECHO_MS: Final = 3_600_000
"""How long a text that was relayed into a group is known there."""
EXPIRES_MS: Final = 3_600_000
"""How late a message may still be passed on."""


class TrackedRelay(Struct, frozen=True, kw_only=True):
    """A relay, for REST to read; written by the owner of its source's partition only."""

    tenant: TenantId
    relay: Relay
    created_at: Millis
    changed_at: Millis


class PendingRelay(Struct, frozen=True, kw_only=True):
    """A message that is passed on at `due_at` by `relays`, unless it is flagged or deleted."""

    tenant: TenantId
    group: GroupId
    message: MessageId
    event: str
    member: MemberId
    text: str
    relays: list[str]
    due_at: Millis


class Filters:
    """Asks conditions of messages, and keeps those compiled that it asked last."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._programs: OrderedDict[str, cel.Program] = OrderedDict()

    def passes(self, relay: Relay, event: MessagePosted) -> bool:
        """Whether the relay takes this message; what cannot be decided does not pass."""
        if not relay.enabled:
            return False
        if not relay.where:
            return True
        try:
            return self._program(relay.where).execute(signals(event)) is True
        except (RuntimeError, TypeError, ValueError):
            return False

    def _program(self, where: str) -> cel.Program:
        program = self._programs.get(where)
        if program is None:
            program = self._programs[where] = cel.compile(Condition(where, SIGNALS).flat)
            if len(self._programs) > self._most:
                self._programs.popitem(last=False)
        self._programs.move_to_end(where)
        return program


def signals(event: MessagePosted) -> dict[str, str | int | bool]:
    """Return what is true of a message, by the names of `SIGNALS`."""
    return {
        "text": event.text,
        "length": len(event.text),
        "member": event.member,
        "role": event.role.value,
        "media": event.media.value,
        "mentions": len(event.mentions),
        "reply": event.reply_to is not None,
    }


def may_be_relayed(event: MessagePosted) -> bool:
    """Whether a message is one that a person wrote now: bots' and history are never relayed."""
    return bool(event.text.strip()) and event.role is not Role.BOT and not event.backfill


def digest(text: str) -> str:
    """Return what a text is recognised by when a platform reports it as a member's."""
    plain = " ".join(text.split()).casefold()
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


def removes(flag: Flag) -> bool:
    """Whether a verdict keeps its message from being passed on."""
    return flag.reverses is None and (flag.spam or flag.decision in REMOVING)


def asks(pending: PendingRelay, id: str, relay: Relay, now: Millis) -> Iterator[SendAsked]:
    """Yield what a relay asks of the owners of its targets."""
    for target in relay.targets:
        send = derive_id(id, pending.event, target)
        yield SendAsked(
            id=derive_id(send, "0"),
            tenant=pending.tenant,
            campaign=id,
            time=now,
            group=target,
            send=send,
            content=Content(text=relay.text, persona=relay.persona),
            variables={"text": pending.text, "author": pending.member, "origin": pending.group},
            frequency=relay.frequency,
            expires=Millis(now + EXPIRES_MS),
            origin=pending.group,
            origin_message=pending.message,
        )
