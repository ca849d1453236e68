"""Messages to many groups or members: on their way from REST to the partition's owner."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from shared.events import Group, Id, Member, Message, Millis, Name, Tenant, Text, Time, group_key
from shared.frequency import Frequency

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
