"""The durable documents of the rules stage."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from services.rules.long_windows import SERIES
from services.rules.trials import TRIALS
from shared.events import Flag, Group, Label, Member, Millis, Tenant
from shared.stream.contracts import Kind

MOST_REMOVALS: Final = 20
"""Removals of a member that are remembered."""


class FlagDocument(Struct, frozen=True, kw_only=True):
    """A flag, with what it is looked up by. Its `_id` is the flag's id."""

    tenant: Tenant
    group: Group
    member: Member
    labels: list[Label]
    time: Millis
    flag: Flag


class MemberRecord(Struct, frozen=True, kw_only=True):
    """What rules remember of a member of a group: when they joined, what was removed."""

    tenant: Tenant
    group: Group
    member: Member
    joined_at: Millis | None = None
    removals: list[Millis] = []

    def removals_within(self, span: int, time: Millis) -> int:
        """Count the removals in the `span` milliseconds before `time`."""
        return sum(time - span < removal <= time for removal in self.removals)


FLAGS: Final = Kind("flags", FlagDocument)
MEMBER_RECORDS: Final = Kind("member_records", MemberRecord)
KINDS: Final = (FLAGS, MEMBER_RECORDS, SERIES, TRIALS)


def member_id(tenant: str, group: str, member: str) -> str:
    """Return the `_id` of a member's record."""
    return "/".join(
        part.replace("%", "%25").replace("/", "%2F") for part in (tenant, group, member)
    )


def document(flag: Flag) -> FlagDocument:
    """Return a flag as it is stored."""
    event = flag.event
    return FlagDocument(
        tenant=event.tenant,
        group=event.group,
        member=event.member,
        labels=flag.labels,
        time=flag.time,
        flag=flag,
    )
