"""What Steward asks platforms to do, and each such request on its way to one endpoint."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from shared.events import Count, EndpointId, Group, Member, Message, Tenant, Time, group_key
from shared.verdicts import Label, RuleHit, Span


class ActionKind(StrEnum):
    """What Steward asks a platform to do."""

    MESSAGE_DELETE = "message.delete"
    MESSAGE_REPLY = "message.reply"
    MESSAGE_SEND = "message.send"
    MEMBER_MESSAGE = "member.message"
    MEMBER_WARN = "member.warn"
    MEMBER_MUTE = "member.mute"
    MEMBER_KICK = "member.kick"
    MEMBER_BAN = "member.ban"
    MEMBER_WELCOME = "member.welcome"
    MEMBER_ASK = "member.ask"
    MEMBER_PROMOTED = "member.promoted"
    MEMBER_DEMOTED = "member.demoted"
    MEMBER_AT_RISK = "member.at_risk"
    MEMBER_WIN_BACK = "member.win_back"
    GROUP_ALERT = "group.alert"
    OPERATOR_NOTICE = "operator.notice"
    CASE_OPENED = "case.opened"
    CASE_DECIDED = "case.decided"
    MESSAGE_RESTORE = "message.restore"
    MEMBER_UNWARN = "member.unwarn"
    MEMBER_UNMUTE = "member.unmute"
    MEMBER_INVITE = "member.invite"
    MEMBER_UNBAN = "member.unban"
    SEGMENT_ENTERED = "segment.entered"
    SEGMENT_LEFT = "segment.left"
    GROUP_DIGEST = "group.digest"


class Action(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to be done in a group, pushed out to the endpoints that ask for it.

    `cause` is the id of the flag or event that led to it, `seconds` how long a
    mute lasts, `details` what a receiver may show to explain it. What a verdict led
    to has its `hits`, `spans` (in the event's text) and campaign, as its flag does.
    """

    id: str
    kind: ActionKind
    tenant: Tenant
    group: Group
    time: Time
    cause: str
    member: Member | None = None
    message: Message | None = None
    text: str = ""
    seconds: Count = 0
    reason: str = ""
    labels: list[Label] = []
    details: dict[str, str | float | int | bool] = {}
    hits: list[RuleHit] = []
    spans: list[Span] = []
    campaign: str | None = None

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return group_key(self.tenant, self.group)


class Delivery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One action on its way to one endpoint; the unit that is attempted and retried.

    `lane` names those that are delivered in order, one after the other; empty:
    whenever it can be. `again` asks for one that is there already to be
    attempted now, or with `forget` for its member to be forgotten; each value
    is heeded once.
    """

    id: str
    endpoint: EndpointId
    time: Time
    action: Action
    trace: str = ""
    lane: str = ""
    again: str = ""
    forget: bool = False

    @property
    def identity(self) -> str:
        return f"{self.id}\x1f{self.again}" if self.again else self.id

    @property
    def key(self) -> str:
        return self.endpoint
