"""The records that flow between Steward's services: what is on each topic, typed.

Every record is an immutable struct, JSON on the wire. The union `Event` is the
closed set of what a platform can tell Steward. Unknown fields of a record are
dropped when it is decoded, so that services can be upgraded one by one.
"""

from __future__ import annotations

import uuid
from enum import StrEnum
from hashlib import sha1
from typing import Annotated, Final, NewType, get_args

import msgspec
from msgspec import Meta, Struct

from shared.frequency import Frequency

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
Count = Annotated[int, Meta(ge=0)]
Time = Annotated[Millis, Meta(description="Milliseconds since the Unix epoch, UTC.")]

NAMESPACE: Final = uuid.UUID("6f1c2a3e-5b0d-5e6a-9c0b-8a6d1d0f5e11")
_NAMESPACE: Final = NAMESPACE.bytes
_NOT_VERSION: Final = ~(0xF000 << 64 | 0xC000 << 48)
_VERSION_5: Final = 5 << 76 | 0x8000 << 48


def derive_id(*parts: str) -> str:
    """Return the UUIDv5 (RFC 9562 §5.5) that the given parts always lead to.

    Outputs are named by what caused them, so a replay names them alike and
    whoever receives them can drop the repeats.
    """
    digest = sha1(_NAMESPACE + "\x1f".join(parts).encode(), usedforsecurity=False).digest()
    number = int.from_bytes(digest[:16]) & _NOT_VERSION | _VERSION_5
    found = f"{number:032x}"
    return f"{found[:8]}-{found[8:12]}-{found[12:16]}-{found[16:20]}-{found[20:]}"


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


class BaseEvent(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
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
    amount: Count
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


class Label(StrEnum):
    """What a flag says is wrong."""

    ADVERTISING = "advertising"
    CONTACT_LURE = "contact_lure"
    LINK_DROP = "link_drop"
    RED_PACKET_LURE = "red_packet_lure"
    GAMBLING = "gambling"
    PORN = "porn"
    FRAUD = "fraud"
    PHISHING = "phishing"
    CONTRABAND = "contraband"
    ABUSE = "abuse"
    QUARREL = "quarrel"
    HARASSMENT = "harassment"
    FLOOD = "flood"
    DUPLICATE = "duplicate"
    CAMPAIGN = "campaign"
    RAID = "raid"
    OVER_PROMOTION = "over_promotion"
    REPORTED = "reported"


class Decision(StrEnum):
    """What a verdict asks for, mildest first."""

    ALLOW = "allow"
    WATCH = "watch"
    WARN = "warn"
    DELETE = "delete"
    MUTE = "mute"
    KICK = "kick"
    BAN = "ban"
    ESCALATE = "escalate"


class Span(Struct, frozen=True):
    """A stretch of the original text: characters `start` to `end`, and what was seen there."""

    start: int
    end: int
    what: str


class RuleHit(Struct, frozen=True, omit_defaults=True):
    """A rule that fired, what it added to the risk, and the values that made it fire."""

    rule: str
    label: Label
    weight: float
    because: str = ""
    values: dict[str, str | float | int | bool] = {}


class Flag(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A verdict against one event, with everything that explains it.

    `spam` says that the event earned nothing: scoring takes back what `event`
    gave. An event is taken back once: only the first flag of it is `spam`.

    `reverses` is the id of a flag that this one takes back. It repeats that
    flag's event, labels and `spam`, so that whoever counted the flag can
    uncount it from this record alone, whichever of the two comes first. A flag
    is taken back at most once, under an id derived from its own.
    """

    id: str
    event: Event
    time: Time
    labels: list[Label]
    risk: float
    decision: Decision
    spam: bool
    rule_set: str
    hits: list[RuleHit] = []
    spans: list[Span] = []
    campaign: str | None = None
    reverses: str | None = None

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return self.event.key


class Sighting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something worth recognising (a text, a contact, a domain) was seen in a group."""

    id: str
    fingerprint: str
    time: Time
    event: Event
    flagged: bool = False

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return f"{self.event.tenant}/{self.fingerprint}"


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
    mute lasts, `details` what a receiver may show to explain it.
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
    attempted now; each value is heeded once.
    """

    id: str
    endpoint: EndpointId
    time: Time
    action: Action
    trace: str = ""
    lane: str = ""
    again: str = ""

    @property
    def identity(self) -> str:
        return f"{self.id}\x1f{self.again}" if self.again else self.id

    @property
    def key(self) -> str:
        return self.endpoint


class SegmentChange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member of a group came into a segment of the tenant's (`entered`), or fell out of it.

    `revision` counts the changes of the segment's condition. `backfill` says
    that history or a changed condition led to it: nobody is told because of it.
    """

    id: str
    tenant: Tenant
    group: Group
    member: Member
    segment: Id
    entered: bool
    time: Time
    revision: Count = 0
    backfill: bool = False

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return group_key(self.tenant, self.group)


class _Request(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What a tenant asks by REST about a member of a group; its partition's owner does it."""

    id: str
    tenant: Tenant
    group: Group
    member: Member
    time: Time

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return group_key(self.tenant, self.group)


class AttributesSet(_Request, frozen=True, kw_only=True, tag="attributes.set"):
    """The tenant's own attributes of a member; an empty value removes one."""

    attributes: dict[Name, Name]


class MemberErased(_Request, frozen=True, kw_only=True, tag="member.erased"):
    """All that is personal of a member in the group is to be forgotten, up to `time`."""


class PointsChanged(_Request, frozen=True, kw_only=True, tag="points.changed"):
    """Points are to be spent (`amount` below zero) or given; `entry` is the tenant's id of it."""

    entry: Id
    amount: int
    reason: Name = ""


MemberRequest = AttributesSet | MemberErased | PointsChanged
"""The closed set of what is on the topic `members`."""


class ReviewStep(StrEnum):
    """What a person did with a case or an incident."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    CONFIRMED = "confirmed"
    OVERTURNED = "overturned"
    APPEALED = "appealed"


class Teaches(StrEnum):
    """What a decision was about, and so whether the classifier may learn from the text."""

    AUTO = "auto"
    CONTENT = "content"
    CONDUCT = "conduct"


class Reviewer(Struct, frozen=True):
    """Who did it: the API key, and the person who it says is behind it (nobody: the key itself)."""

    key: Id
    name: Name = ""

    def is_same_as(self, other: Reviewer) -> bool:
        """Whether the two may be one person: a key without a name stands for all its people."""
        if self.name and other.name:
            return self.name == other.name
        return self.key == other.key


class _Reviewed(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What a person did about what was flagged; the owner of the record's key applies it."""

    id: str
    tenant: Tenant
    time: Time
    by: Reviewer
    note: Annotated[str, Meta(max_length=2_000)] = ""

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return self.tenant


class CaseReviewed(_Reviewed, frozen=True, kw_only=True, tag="case.reviewed"):
    """A person did `step` with the case of a flag; the group's partition has the case.

    `member` is whom the case is about. `decision` is what a confirming moderator
    asks for beyond what the flag led to, `seconds` the length of a mute. `subject`
    is the flag itself, where it is so new that its document may not be there yet.
    """

    group: Group
    case: Id
    flag: Id
    member: Member
    step: ReviewStep
    assignee: Name = ""
    decision: Decision = Decision.ALLOW
    seconds: Count = 0
    teaches: Teaches = Teaches.AUTO
    subject: Flag | None = None

    @property
    def key(self) -> str:
        return group_key(self.tenant, self.group)


class _OfIncident(_Reviewed, frozen=True, kw_only=True):
    fingerprint: Name

    @property
    def key(self) -> str:
        return f"{self.tenant}/{self.fingerprint}"


class IncidentReviewed(_OfIncident, frozen=True, kw_only=True, tag="incident.reviewed"):
    """A person did `step` with a campaign; the partition of its sightings has the incident."""

    step: ReviewStep
    assignee: Name = ""
    decision: Decision = Decision.ALLOW
    seconds: Count = 0


class IncidentSpread(_OfIncident, frozen=True, kw_only=True, tag="incident.spread"):
    """Rules found more copies of a campaign, and flagged them."""

    flags: list[Flag]


class TrustChanged(_Reviewed, frozen=True, kw_only=True, tag="trust.changed"):
    """A member, in one group or all of them, is trusted from now on, or no longer."""

    member: Member
    trusted: bool
    group: Group | None = None


class Audited(_Reviewed, frozen=True, kw_only=True, tag="audited"):
    """Something was done by REST that belongs into the audit log: `what`, to which `subject`."""

    what: Name
    subject: Id
    detail: dict[Name, Name] = {}


Review = CaseReviewed | IncidentReviewed | IncidentSpread | TrustChanged | Audited
"""The closed set of what is on the topic `reviews`."""


Template = Annotated[str, Meta(min_length=1, max_length=8_000, description="Text in Jinja2.")]
Minutes = Annotated[int, Meta(ge=1, le=7 * 24 * 60)]


class Persona(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """In whose name something is said; `voice` is theirs to use in templates (`persona.greeting`).

    `signature` ends everything that they say.
    """

    id: Id
    name: Name
    avatar_url: Annotated[str, Meta(max_length=2_048)] = ""
    signature: Name = ""
    voice: dict[Name, Name] = {}


class Variant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to say instead to members of one of these segments, or in one of these groups."""

    text: Template
    segments: list[Id] = []
    groups: list[Group] = []


class Content(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to say: the first variant that fits, else `text`, in the name of `persona`."""

    text: Template
    variants: list[Variant] = []
    variables: dict[Name, Text] = {}
    persona: Persona | None = None


class Recipient(Struct, frozen=True, omit_defaults=True):
    """Whom a message goes to: a group, or one member of it."""

    group: Group
    member: Member | None = None


class Audience(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom a campaign goes to: `recipients`, or `every_group`, or members by what is known of them.

    Members are those in any of `segments` and with all of `attributes`, in
    `groups` where there are any.
    """

    recipients: list[Recipient] = []
    every_group: bool = False
    segments: list[Id] = []
    attributes: dict[Name, Name] = {}
    groups: list[Group] = []


class Reminder(Struct, frozen=True, kw_only=True):
    """What is said so many minutes before each time of the schedule."""

    minutes_before: Minutes
    text: Template


class Schedule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When: once `at` a time, or by `cron` in `zone` until `until`; neither: at once.

    What could not begin within `grace_minutes` of its time is left out.
    """

    at: Time | None = None
    cron: Annotated[str, Meta(max_length=100)] = ""
    zone: Name = "UTC"
    until: Time | None = None
    reminders: list[Reminder] = []
    grace_minutes: Minutes = 30


class Campaign(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message to many, as its author defined it.

    Up to `per_minute` messages are sent in a minute. A message that `frequency`
    forbids waits up to `wait_minutes`, and is then left out. `holdout` is the
    share of the audience that gets nothing, and `watch_hours` how long after a
    message both are watched.
    """

    name: Name
    audience: Audience
    content: Content
    schedule: Schedule = Schedule()
    per_minute: Annotated[int, Meta(ge=1, le=6_000)] = 600
    frequency: Frequency = Frequency()
    wait_minutes: Annotated[int, Meta(ge=0, le=7 * 24 * 60)] = 720
    holdout: Annotated[float, Meta(ge=0, le=0.9)] = 0.0
    watch_hours: Annotated[int, Meta(ge=1, le=7 * 24)] = 24


class Move(StrEnum):
    """What is asked of a campaign."""

    APPROVE = "approve"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


class _CampaignRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What every record of the topic `campaigns` has; `campaign` is a campaign's or relay's id."""

    id: str
    tenant: Tenant
    campaign: Id
    time: Time

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        """A campaign's records go to its own partition, unless they are about a group."""
        return f"{self.tenant}/{self.campaign}"


class CampaignSaved(_CampaignRecord, frozen=True, kw_only=True, tag="campaign.saved"):
    """A campaign was written or rewritten by the key `by`; it is a draft now."""

    definition: Campaign
    by: str = ""


class CampaignMoved(_CampaignRecord, frozen=True, kw_only=True, tag="campaign.moved"):
    """The key `by` asks this of the campaign as it was at `revision`."""

    move: Move
    revision: int
    by: str = ""


class _GroupRecord(_CampaignRecord, frozen=True, kw_only=True):
    """A record of the topic `campaigns` for the owner of a group's partition."""

    group: Group

    @property
    def key(self) -> str:
        return group_key(self.tenant, self.group)


class SendAsked(_GroupRecord, frozen=True, kw_only=True, tag="send.asked"):
    """Say `content` to a member of the group, or to the whole group, if its limits allow.

    `run` numbers the times that the campaign was sent. `send` names this message
    however often it is asked for; `attempt` counts that. It waits until
    `not_before`, and is left out if it cannot be said by `expires`. `origin`
    and `origin_message` tell what a relay passes on.
    """

    send: str
    content: Content
    expires: Time
    member: Member | None = None
    revision: int = 0
    run: int = 0
    attempt: int = 0
    not_before: Time = Millis(0)
    variables: dict[Name, Text] = {}
    frequency: Frequency = Frequency()
    holdout: float = 0.0
    watch_hours: int = 0
    origin: Group | None = None
    origin_message: Message | None = None


class SendReturned(_CampaignRecord, frozen=True, kw_only=True, tag="send.returned"):
    """The wait of a message is over: is its campaign still to be sent?"""

    ask: SendAsked


class SendWithdrawn(_GroupRecord, frozen=True, kw_only=True, tag="send.withdrawn"):
    """The message `send` is not to be said: its campaign was cancelled or rewritten."""

    send: str


class Relay(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Messages of `source` that `where` (CEL) lets pass are said in `targets`, too.

    They wait `delay_seconds`; what was flagged or deleted by then is not passed on.
    """

    name: Name
    source: Group
    targets: list[Group]
    where: Annotated[str, Meta(max_length=1_000)] = ""
    text: Template = "{{ text }}"
    persona: Persona | None = None
    delay_seconds: Annotated[int, Meta(ge=1, le=3_600)] = 5
    frequency: Frequency = Frequency()
    enabled: bool = True


class RelaySaved(_GroupRecord, frozen=True, kw_only=True, tag="relay.saved"):
    """A relay from the group was made or changed; None: it was removed."""

    relay: Relay | None


CampaignRecord = (
    CampaignSaved | CampaignMoved | SendAsked | SendReturned | SendWithdrawn | RelaySaved
)
"""The closed set of what is on the topic `campaigns`."""


class Topic(StrEnum):
    """The topics, named without the installation's namespace."""

    EVENTS = "events"
    FLAGS = "flags"
    SIGHTINGS = "sightings"
    ACTIONS = "actions"
    DELIVERIES = "deliveries"
    MEMBERS = "members"
    SEGMENTS = "segments"
    REVIEWS = "reviews"
    CAMPAIGNS = "campaigns"
    DLQ = "dlq"


RECORDS: Final[dict[Topic, object]] = {
    Topic.EVENTS: Event,
    Topic.FLAGS: Flag,
    Topic.SIGHTINGS: Sighting,
    Topic.ACTIONS: Action,
    Topic.DELIVERIES: Delivery,
    Topic.MEMBERS: MemberRequest,
    Topic.SEGMENTS: SegmentChange,
    Topic.REVIEWS: Review,
    Topic.CAMPAIGNS: CampaignRecord,
}
"""Which struct is on which topic; the dead-letter topic carries the bytes of any."""


def group_key(tenant: str, group: str) -> str:
    """Return the key under which all of a group's records share a partition."""
    return f"{tenant}/{group}"


def trace_id_of(traceparent: str) -> str:
    """Return the trace id in a W3C traceparent; nothing where there is none."""
    return traceparent[3:35]


encode: Final = msgspec.json.Encoder().encode
