"""Groups and members as campaigns know them, and what came of writing to them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, TypeVar

from msgspec import Struct, structs

from shared.campaigns import Audience, Recipient, Relay
from shared.events import GroupId, MemberId, Millis, TenantId
from shared.frequency import Contact, noted

MOST_WATCHES: Final = 20
"""Messages at once whose effect on a group or member is watched."""
MOST_ATTRIBUTES: Final = 100
KEPT_AFTER_LEAVING: Final = timedelta(days=90)
_IS: Final = "\x1f"


class Watch(Struct, frozen=True, kw_only=True):
    """What a recipient did after the message `send`, or after it was held back."""

    send: str
    since: Millis
    until: Millis
    count: int = 0


class GroupOutreach(Struct, frozen=True, kw_only=True):
    """A group: what was said to it of late, and the relays that begin there, by id.

    `relayed` are digests of the texts that were relayed into it.
    """

    tenant: TenantId
    group: GroupId
    contacts: list[Contact] = []
    watches: list[Watch] = []
    relayed: list[Contact] = []
    relays: dict[str, Relay] = {}


class MemberOutreach(Struct, frozen=True, kw_only=True):
    """A member of a group: attributes and segments as far as they were told.

    `traits` are the attributes, written as one string each so that they can be
    searched for. One who has left is not written to.
    """

    tenant: TenantId
    group: GroupId
    member: MemberId
    name: str = ""
    traits: list[str] = []
    segments: list[str] = []
    present: bool = True
    contacts: list[Contact] = []
    watches: list[Watch] = []
    expires_at: datetime | None = None

    @property
    def attributes(self) -> dict[str, str]:
        return dict(trait.split(_IS, 1) for trait in self.traits)

    def named(self, name: str, attributes: Mapping[str, str]) -> MemberOutreach:
        """Return the member with a new name, if there is one, and changed attributes."""
        known = {**self.attributes, **attributes}
        kept = sorted((name, value) for name, value in known.items() if value)[:MOST_ATTRIBUTES]
        traits = [trait(*each) for each in kept]
        return structs.replace(self, name=name or self.name, traits=traits)

    def contacts_only(self) -> MemberOutreach:
        """Return what would be known if the member had done nothing but be written to."""
        return MemberOutreach(
            tenant=self.tenant,
            group=self.group,
            member=self.member,
            contacts=self.contacts,
            watches=self.watches,
        )

    def joined(self) -> MemberOutreach:
        return structs.replace(self, present=True, expires_at=None)

    def left(self, now: Millis) -> MemberOutreach:
        """Return the member as one who has left, to be forgotten after a while."""
        expires_at = datetime.fromtimestamp(now / 1000, tz=UTC) + KEPT_AFTER_LEAVING
        return structs.replace(self, present=False, expires_at=expires_at)

    def segmented(self, segment: str, entered: bool) -> MemberOutreach:
        """Return the member after coming into a segment, or falling out of it."""
        others = {each for each in self.segments if each != segment}
        return structs.replace(self, segments=sorted(others | ({segment} if entered else set())))


Outreach = TypeVar("Outreach", GroupOutreach, MemberOutreach)


class Page(Struct, frozen=True):
    """A part of an audience; `cursor` is where it ended, empty where nothing is left."""

    recipients: list[Recipient]
    cursor: str


@dataclass(frozen=True, slots=True)
class ReadAudience:
    """A task: read the part of the audience of run `run` that follows `cursor`."""

    campaign: str
    tenant: TenantId
    run: int
    audience: Audience
    cursor: str
    limit: int


class ReadsAudience(Protocol):
    """Where tasks are done."""

    async def perform(self, task: ReadAudience) -> Page | None:
        """Return the part; None: it cannot be read now."""


def listed(recipients: Sequence[Recipient], cursor: str, limit: int) -> Page:
    """Return the part of a list of recipients that follows `cursor`."""
    start = int(cursor or 0)
    end = start + limit
    return Page(list(recipients[start:end]), str(end) if end < len(recipients) else "")


def trait(name: str, value: str) -> str:
    """Return an attribute as it is stored and searched for."""
    return f"{name}{_IS}{value}"


def contacted(known: Outreach, contact: Contact) -> Outreach:
    """Return a group or member that something was said to."""
    contacts = noted(known.contacts, contact)
    return known if contacts == known.contacts else structs.replace(known, contacts=contacts)


def watching(known: Outreach, watch: Watch) -> Outreach:
    """Return a group or member that is watched after a message, too; the oldest watch goes."""
    others: list[Watch] = [each for each in known.watches if each.send != watch.send]
    return structs.replace(known, watches=[*others, watch][-MOST_WATCHES:])


def acted(known: Outreach, at: Millis) -> Outreach:
    """Return a group or member that did something at this moment."""
    if not any(each.since <= at < each.until for each in known.watches):
        return known
    watches = [
        structs.replace(each, count=each.count + 1) if each.since <= at < each.until else each
        for each in known.watches
    ]
    return structs.replace(known, watches=watches)


def unwatched(known: Outreach, send: str) -> tuple[Outreach, int | None]:
    """Return a group or member without this watch, and what it counted; None: it was given up."""
    counted = next((each.count for each in known.watches if each.send == send), None)
    kept = [each for each in known.watches if each.send != send]
    return structs.replace(known, watches=kept), counted


def unique(recipients: Iterable[Recipient]) -> list[Recipient]:
    """Return recipients without repetitions, in their order."""
    return list(dict.fromkeys(recipients))
