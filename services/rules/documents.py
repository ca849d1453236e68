"""The durable documents of the rules stage."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.rules.long_windows import SERIES
from services.rules.tenant_windows.series import TENANT_SERIES
from services.rules.trials import TRIALS
from shared.actions import ActionKind
from shared.events import (
    BaseEvent,
    Group,
    Member,
    MemberJoined,
    MemberUpdated,
    Millis,
    Role,
    Tenant,
)
from shared.stream.contracts import Kind
from shared.verdicts import Flag, Label

MOST_REMOVALS: Final = 50
"""Removals of a member that are remembered."""
BURST: Final = 60_000
"""Within how many milliseconds removals count as one."""


class FlagDocument(Struct, frozen=True, kw_only=True):
    """A flag, with what it is looked up by. Its `_id` is the flag's id.

    `actions` are the kinds of what the platform was asked to do because of it
    (None: not noted), `seconds` the length of a mute among them. `alone` is the
    risk of the text by itself, `charged` whether that would have been noteworthy.
    `case` is the case that a moderator's ruling belongs to. `made_at` is when the
    log had what led to the flag, which may be long after its event.
    """

    tenant: Tenant
    group: Group
    member: Member
    labels: list[Label]
    time: Millis
    flag: Flag
    actions: list[ActionKind] | None = None
    seconds: int = 0
    alone: float = 0.0
    charged: bool = False
    case: str | None = None
    made_at: Millis = Millis(0)

    @property
    def moment(self) -> Millis:
        """When the flag was made, as far as is known: deadlines run from then."""
        return max(self.time, self.made_at)


class MemberRecord(Struct, frozen=True, kw_only=True):
    """What rules remember of a member of a group: joining, removals, role."""

    tenant: Tenant
    group: Group
    member: Member
    joined_at: Millis | None = None
    removals: list[Millis] = []
    role: Role = Role.MEMBER
    """What the platform last said of them by itself; its messages need not repeat it."""

    @property
    def runs_the_group(self) -> bool:
        """Whether they are one of its operators, its owner or a bot."""
        return self.role is not _MEMBER

    def removals_within(self, span: int, time: Millis) -> int:
        """Count the removals in the `span` milliseconds before `time`.

        Those of one minute are one: nobody can mend their ways in between.
        """
        counted, began = 0, -BURST
        for removal in self.removals:
            if time - span < removal <= time and removal - began >= BURST:
                counted, began = counted + 1, removal
        return counted

    def with_removal(self, time: Millis) -> MemberRecord:
        """Return the record with one more removal of an event of that time."""
        return replace(self, removals=sorted([*self.removals, time])[-MOST_REMOVALS:])

    def after(self, event: BaseEvent, removed: bool) -> MemberRecord:
        """Return the record after an event of the member's; itself if nothing is new."""
        changed = self
        if isinstance(event, _TELLS_ROLE):
            if isinstance(event, MemberJoined):
                changed = replace(changed, joined_at=event.time)
            if event.role is not self.role:
                changed = replace(changed, role=event.role)
        return changed.with_removal(Millis(event.time)) if removed else changed

    def without_removal(self, time: Millis) -> MemberRecord:
        """Return the record without one removal of an event of that time, if it has one."""
        removals = self.removals.copy()
        if time in removals:
            removals.remove(time)
        return replace(self, removals=removals)


_MEMBER: Final = Role.MEMBER
_TELLS_ROLE: Final = (MemberJoined, MemberUpdated)

FLAGS: Final = Kind("flags", FlagDocument)
MEMBER_RECORDS: Final = Kind("member_records", MemberRecord)
RULE_KINDS: Final = (FLAGS, MEMBER_RECORDS, SERIES, TENANT_SERIES, TRIALS)


def member_id(tenant: str, group: str, member: str) -> str:
    """Return the `_id` of a member's record."""
    plain = f"{tenant}/{group}/{member}"
    if "%" not in plain and plain.count("/") == 2:
        return plain
    return "/".join(
        part.replace("%", "%25").replace("/", "%2F") for part in (tenant, group, member)
    )


def document(flag: Flag, made_at: Millis) -> FlagDocument:
    """Return a flag as it is stored, with nothing noted of what it led to."""
    event = flag.event
    return FlagDocument(
        tenant=event.tenant,
        group=event.group,
        member=event.member,
        labels=flag.labels,
        time=flag.time,
        flag=flag,
        made_at=made_at,
    )
