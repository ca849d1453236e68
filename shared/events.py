"""The events: what a platform can tell Steward, typed, and the words that all records share.

Every record is an immutable struct, JSON on the wire. The union `Event` is the
closed set of what a platform can tell Steward. Unknown fields of a record are
dropped when it is decoded, so that services can be upgraded one by one. Which
records are on which topic: `topics.py`.
"""

from __future__ import annotations

import uuid
from enum import StrEnum
from hashlib import sha1
from typing import Annotated, Final, NewType, get_args

import msgspec
from msgspec import Meta, Struct

SCHEMA_VERSION: Final = 1
"""Version of these structs, carried in each record's `schema` header."""


TenantId = NewType("TenantId", str)


GroupId = NewType("GroupId", str)


MemberId = NewType("MemberId", str)


MessageId = NewType("MessageId", str)


EndpointId = NewType("EndpointId", str)


Millis = NewType("Millis", int)


Tenant = Annotated[TenantId, Meta(min_length=1, max_length=64, description="Owner of the data.")]


Group = Annotated[GroupId, Meta(min_length=1, max_length=200, description="Group or channel.")]


Member = Annotated[MemberId, Meta(min_length=1, max_length=200, description="Member of a group.")]


Message = Annotated[MessageId, Meta(min_length=1, max_length=200, description="Platform's id.")]


Id = Annotated[str, Meta(min_length=1, max_length=200)]


Name = Annotated[str, Meta(max_length=200)]


Text = Annotated[str, Meta(max_length=20_000)]


Count = Annotated[int, Meta(ge=0, le=2**53)]
# Nine million of the largest still add up in 64 bits, which is what a document can hold.
Amount = Annotated[int, Meta(ge=0, le=10**12)]


Time = Annotated[Millis, Meta(description="Milliseconds since the Unix epoch, UTC.")]


NAMESPACE: Final = uuid.UUID("6f1c2a3e-5b0d-5e6a-9c0b-8a6d1d0f5e11")


_NAMESPACE: Final = NAMESPACE.bytes


_VARIANTS: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""The first digit of a UUID's fourth part, with the two bits that name its layout set."""


def derive_id(*parts: str) -> str:
    """Return the UUIDv5 (RFC 9562 §5.5) that the given parts always lead to.

    Outputs are named by what caused them, so a replay names them alike and
    whoever receives them can drop the repeats.
    """
    content = _NAMESPACE + "\x1f".join(parts).encode()
    found = sha1(content, usedforsecurity=False).hexdigest()
    variant = _VARIANTS[found[16]]
    return f"{found[:8]}-{found[8:12]}-5{found[13:16]}-{variant}{found[17:20]}-{found[20:32]}"


class Role(StrEnum):
    """What the platform says that the acting member is in the group."""

    MEMBER = "member"
    OPERATOR = "operator"
    OWNER = "owner"
    BOT = "bot"

    @property
    def runs_group(self) -> bool:
        """Whether this role answers for the group (operators and owners)."""
        return self in (Role.OPERATOR, Role.OWNER)


class Media(StrEnum):
    """What a message consists of."""

    TEXT = "text"
    STICKER = "sticker"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LINK = "link"
    RED_PACKET = "red_packet"


class BaseEvent(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", gc=False):
    """What every event has, whatever happened.

    `backfill` says that it is told as history: it is judged and counted like
    any other, but nothing is asked of the platform because of it.
    """

    id: Id
    source: Id
    tenant: Tenant
    group: Group
    member: Member
    time: Time
    role: Role = Role.MEMBER
    backfill: bool = False

    @property
    def type(self) -> str:
        """The event's type as CloudEvents names it, such as `message.posted`."""
        return str(self.__struct_config__.tag)

    @property
    def identity(self) -> str:
        """What makes two records the same event: tenant, source and id."""
        return f"{self.tenant}\x1f{self.source}\x1f{self.id}"

    @property
    def key(self) -> str:
        """The record's key: a group's events share one partition, in order."""
        return group_key(self.tenant, self.group)


class MessagePosted(BaseEvent, frozen=True, kw_only=True, tag="message.posted"):
    """A member wrote in the group."""

    message: Message
    text: Text = ""
    media: Media = Media.TEXT
    reply_to: Message | None = None
    reply_to_member: Member | None = None
    mentions: list[Member] = []


class MessageEdited(BaseEvent, frozen=True, kw_only=True, tag="message.edited"):
    """A member changed a message; `text` is what it says now."""

    message: Message
    text: Text = ""


class MessageDeleted(BaseEvent, frozen=True, kw_only=True, tag="message.deleted"):
    """A message was removed by `member`; `author` wrote it."""

    message: Message
    author: Member | None = None


class ReactionAdded(BaseEvent, frozen=True, kw_only=True, tag="reaction.added"):
    """A member reacted to the message that `author` wrote."""

    message: Message
    author: Member | None = None
    emoji: Name = ""


class MemberJoined(BaseEvent, frozen=True, kw_only=True, tag="member.joined"):
    """A member entered the group."""

    name: Name = ""
    invited_by: Member | None = None


class MemberLeft(BaseEvent, frozen=True, kw_only=True, tag="member.left"):
    """A member left, or was removed (`reason`: left, kicked, banned)."""

    reason: Name = "left"


class MemberUpdated(BaseEvent, frozen=True, kw_only=True, tag="member.updated"):
    """A member's name, role or attributes changed."""

    name: Name = ""
    attributes: dict[Name, Name] = {}


class CheckinMade(BaseEvent, frozen=True, kw_only=True, tag="checkin.made"):
    """A member checked in (打卡)."""

    topic: Name = ""


class ContentViewed(BaseEvent, frozen=True, kw_only=True, tag="content.viewed"):
    """A member read or watched something."""

    content: Id
    seconds: Count = 0


class PurchaseMade(BaseEvent, frozen=True, kw_only=True, tag="purchase.made"):
    """A member bought something; `amount` is in the currency's minor unit (分, cents)."""

    order: Id
    amount: Amount
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217 code.")] = "CNY"
    item: Name = ""


class ActivityAttended(BaseEvent, frozen=True, kw_only=True, tag="activity.attended"):
    """A member took part in an activity."""

    activity: Id


class InviteAccepted(BaseEvent, frozen=True, kw_only=True, tag="invite.accepted"):
    """`invitee` joined because `member` invited them."""

    invitee: Member


class ContactRequested(BaseEvent, frozen=True, kw_only=True, tag="contact.requested"):
    """`member` sent a friend request or a direct message to `target`."""

    target: Member
    text: Text = ""


class ReportFiled(BaseEvent, frozen=True, kw_only=True, tag="report.filed"):
    """`member` reported what `author` wrote."""

    message: Message
    author: Member | None = None
    reason: Name = ""


class RelayPosted(BaseEvent, frozen=True, kw_only=True, tag="relay.posted"):
    """A message that was relayed into this group from `origin`."""

    message: Message
    origin: Group
    text: Text = ""


Event = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | ReactionAdded
    | MemberJoined
    | MemberLeft
    | MemberUpdated
    | CheckinMade
    | ContentViewed
    | PurchaseMade
    | ActivityAttended
    | InviteAccepted
    | ContactRequested
    | ReportFiled
    | RelayPosted
)


EVENT_TYPES: Final[dict[str, type[BaseEvent]]] = {
    str(event.__struct_config__.tag): event for event in get_args(Event)
}
"""Every event type by its name: the closed set of what a platform can send."""


def group_key(tenant: str, group: str) -> str:
    """Return the key under which all of a group's records share a partition."""
    return f"{tenant}/{group}"


def trace_id_of(traceparent: str) -> str:
    """Return the trace id in a W3C traceparent; nothing where there is none."""
    return traceparent[3:35]


encode: Final = msgspec.json.Encoder().encode
