"""One message of a campaign or relay to one recipient, and what became of it. Pure."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct, structs

from shared.actions import Action, ActionKind
from shared.campaigns import SendAsked
from shared.events import GroupId, MemberId, Millis, TenantId, derive_id

KEPT: Final = timedelta(days=90)
"""How long what became of a message is kept after its end."""


class State(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    HELD_OUT = "held_out"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    FAILED = "failed"


class TrackedSend(Struct, frozen=True, kw_only=True):
    """A message and what became of it; written by the owner of its group's partition only.

    `ask` is kept while it waits. `action` is the id of the action that says it,
    `webhooks` what its deliveries are called. `messages` counts what the
    recipient did between `watched_from` and `watched_until`; None until then.
    """

    tenant: TenantId
    campaign: str
    run: int
    group: GroupId
    state: State
    created_at: Millis
    changed_at: Millis
    member: MemberId | None = None
    reason: str = ""
    ask: SendAsked | None = None
    action: str = ""
    webhooks: list[str] = []
    watched_from: Millis | None = None
    watched_until: Millis | None = None
    messages: int | None = None
    due_at: Millis | None = None
    expires_at: datetime | None = None

    @classmethod
    def of(cls, ask: SendAsked, now: Millis) -> TrackedSend:
        """Begin with a message that was asked for."""
        return cls(
            tenant=ask.tenant,
            campaign=ask.campaign,
            run=ask.run,
            group=ask.group,
            member=ask.member,
            state=State.WAITING,
            created_at=now,
            changed_at=now,
        )

    def waits(self, ask: SendAsked, until: Millis, reason: str, now: Millis) -> TrackedSend:
        """Return it with the moment at which it is asked for again."""
        return structs.replace(
            self, state=State.WAITING, ask=ask, due_at=until, reason=reason, changed_at=now
        )

    def ended(self, state: State, reason: str, now: Millis) -> TrackedSend:
        """Return it at its end, for good."""
        return structs.replace(
            self,
            state=state,
            reason=reason,
            ask=None,
            due_at=None,
            changed_at=now,
            expires_at=datetime.fromtimestamp(now / 1000, tz=UTC) + KEPT,
        )

    def watched(self, hours: int, now: Millis) -> TrackedSend:
        """Return it as its recipient is watched for so many hours from now."""
        if hours == 0:
            return self
        until = Millis(now + hours * 3_600_000)
        return structs.replace(self, watched_from=now, watched_until=until, due_at=until)

    def measured(self, messages: int | None) -> TrackedSend:
        """Return it at the end of the watch."""
        return structs.replace(self, messages=messages, due_at=None)


def send_id(campaign: str, run: int, group: str, member: str | None) -> str:
    """Return what a run's message to a recipient is called, always the same."""
    return derive_id(campaign, str(run), group, member or "")


def is_held_out(ask: SendAsked) -> bool:
    """Whether the recipient is in the share that gets nothing: by hash, alike in every run."""
    if ask.holdout <= 0:
        return False
    name = "\x1f".join((ask.campaign, ask.group, ask.member or ""))
    drawn = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
    return drawn < ask.holdout


def action_of(ask: SendAsked, text: str, now: Millis) -> Action:
    """Return the action that says `text` to the recipient."""
    persona = ask.content.persona
    details: dict[str, str | float | int | bool] = {}
    if ask.origin is None:
        details |= {"campaign": ask.campaign, "run": ask.run}
    else:
        details |= {"relay": ask.campaign, "origin": ask.origin}
    if ask.origin_message is not None:
        details["origin_message"] = ask.origin_message
    if persona is not None:
        details |= {"persona": persona.id, "persona_name": persona.name}
        details |= {"persona_avatar": persona.avatar_url} if persona.avatar_url else {}
    return Action(
        id=derive_id(ask.send, "action"),
        kind=ActionKind.MESSAGE_SEND if ask.member is None else ActionKind.MEMBER_MESSAGE,
        tenant=ask.tenant,
        group=ask.group,
        member=ask.member,
        time=now,
        cause=ask.campaign,
        text=text,
        details=details,
    )
