"""What is asked for or found of one member, and their way into and out of segments."""

from __future__ import annotations

import hashlib
from typing import Annotated

from msgspec import Meta, Struct

from shared.events import Count, Group, Id, Member, MemberId, Name, Tenant, Time, group_key


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


class MemberJudged(_Request, frozen=True, kw_only=True, tag="member.judged"):
    """What scoring's look at a member at `time` found, told where conditions of segments ask.

    `layer` is the layer, `churn` the probability that the member is silent for the next
    90 days (0: there was nothing to judge). `backfill`: the member is known from
    history alone.
    """

    layer: Name
    churn: Annotated[float, Meta(ge=0, le=1)]
    backfill: bool = False


def member_digest(tenant: str, member: str) -> str:
    """Return what tells a member from all others without telling who it is."""
    return hashlib.blake2b(f"{tenant}\x1f{member}".encode(), digest_size=12).hexdigest()


def pseudonym(tenant: str, member: str) -> MemberId:
    """Return what stands for an erased member where something about them must stay."""
    return MemberId(f"erased:{member_digest(tenant, member)}")


MemberRequest = AttributesSet | MemberErased | PointsChanged | MemberJudged
"""The closed set of what is on the topic `members`."""
