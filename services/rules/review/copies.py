"""A campaign's copies: the first by name in its incident, the others in pages beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from zlib import crc32

from msgspec import Struct
from msgspec.structs import replace

from services.rules.outcome import message_of
from shared.events import Group, Member, Millis, Tenant, derive_id, encode
from shared.members import pseudonym
from shared.reviews import IncidentSpread, Reviewer
from shared.stream.contracts import Kind
from shared.verdicts import Flag

MOST_COPIES: Final = 1_000
"""Copies that an incident itself holds."""
PAGES: Final = 32
MOST_A_PAGE: Final = 1_000
"""Copies of a page; those beyond are counted, and no decision on the incident reaches them."""
MOST_BYTES: Final = 256 * 1024
"""About how large a record with copies may be; Kafka takes four times as much."""


class Copy(Struct, frozen=True, omit_defaults=True):
    """One copy: its flag, where it was and who wrote it.

    `acted` is the flag by which rules had acted on it by themselves, if that is another.
    """

    flag: str
    group: Group
    member: Member
    time: Millis
    message: str | None = None
    acted: str | None = None


class CopyPage(Struct, frozen=True, kw_only=True):
    """Copies that an incident has no room for; all of one group are in one page."""

    tenant: Tenant
    fingerprint: str
    copies: list[Copy] = []


COPY_PAGES: Final = Kind("incident_copies", CopyPage)


def page_id(incident: str, group: str) -> str:
    """Return the `_id` of the page in which a group's copies are."""
    return f"{incident}-{crc32(group.encode()) % PAGES}"


def page_ids(incident: str) -> list[str]:
    """Return the `_id`s that the pages of an incident may have."""
    return [f"{incident}-{number}" for number in range(PAGES)]


def copies_of(found: IncidentSpread) -> Iterator[Copy]:
    """Yield what was found, each copy once: under the campaign's flag where it has one."""
    acted = {flag.event.identity: flag for flag in found.acted}
    for flag in found.flags:
        other = acted.pop(flag.event.identity, None)
        yield _copy(flag, None if other is None else other.id)
    for flag in acted.values():
        yield _copy(flag, None)


def _copy(flag: Flag, acted: str | None) -> Copy:
    event = flag.event
    return Copy(flag.id, event.group, event.member, flag.time, message_of(event), acted)


def nameless(copies: Iterable[Copy], tenant: str, group: str, member: str) -> list[Copy]:
    """Return copies with the member of a group under a pseudonym."""
    name = pseudonym(tenant, member)
    return [
        replace(copy, member=name) if (copy.group, copy.member) == (group, member) else copy
        for copy in copies
    ]


class Found(Struct, frozen=True):
    """What is new of a copy: the campaign's flag, the one by which rules acted, or both."""

    flag: Flag | None = None
    acted: Flag | None = None

    @property
    def flags(self) -> list[Flag]:
        return [flag for flag in (self.flag, self.acted) if flag is not None]


def spreads_of(found: Iterable[Found], fingerprint: str, by: Reviewer) -> Iterator[IncidentSpread]:
    """Yield the records by which copies come into a campaign's incident.

    Several where one could be larger than Kafka takes: each copy has its whole event.
    """
    part: list[Found] = []
    size = 0
    for one in found:
        more = sum(len(encode(flag)) for flag in one.flags)
        if part and size + more > MOST_BYTES:
            yield _spread(part, fingerprint, by)
            part, size = [], 0
        part.append(one)
        size += more
    if part:
        yield _spread(part, fingerprint, by)


def _spread(part: list[Found], fingerprint: str, by: Reviewer) -> IncidentSpread:
    flags = [flag for one in part for flag in one.flags]
    return IncidentSpread(
        id=derive_id(*(flag.id for flag in flags), fingerprint, "spread"),
        tenant=flags[0].event.tenant,
        time=max(flag.time for flag in flags),
        by=by,
        fingerprint=fingerprint,
        flags=[one.flag for one in part if one.flag is not None],
        acted=[one.acted for one in part if one.acted is not None],
    )
