"""What is known of a member of a group as of a customer: who they are, what they bought and did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.calendar import Moment
from services.scoring.profiles.purchases import Purchases, month_of
from services.scoring.profiles.steps import Steps
from shared.events import (
    BaseEvent,
    GroupId,
    MemberId,
    MemberJoined,
    MemberLeft,
    MemberUpdated,
    Millis,
    PurchaseMade,
    Role,
    TenantId,
    derive_id,
)
from shared.members import MemberErased

MOST_ATTRIBUTES: Final = 100
"""Attributes that one member can have; further ones are dropped."""
_NAME: Final = re.compile(r"[\w-][\w .:/-]{0,199}")
"""What platforms may call an attribute: it becomes the name of a field in MongoDB."""
_NO_STEPS: Final = Steps()
_NO_PURCHASES: Final = Purchases()


class Standing(NamedTuple):
    """What scoring's look at `at` (ms; 0: nothing is kept of it) found of a member."""

    layer: str = "ordinary"
    churn: float = 0.0
    at: int = 0


class Profile(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A member of one group, folded from events in any order. Moments are in ms, 0 for never.

    `attributes` are what platform and tenant say, `attributes_at` since when:
    the latest wins. `segments` are those the member is in, `told` when an
    action last said so; `as_of` is the latest moment that segments were judged
    for, `due_at` when time alone may change them. `layer` and `churn` are what
    scoring found at `judged_at`, known where a segment's condition asks for them.
    """

    tenant: TenantId
    group: GroupId
    member: MemberId
    due_at: Millis | None = None
    as_of: int = 0
    first_seen: int = 0
    last_seen: int = 0
    joined_at: int = 0
    left_at: int = 0
    role: Role = Role.MEMBER
    name: str = ""
    named_at: int = 0
    invited_by: str = ""
    attributes: dict[str, str] = {}
    attributes_at: dict[str, int] = {}
    steps: Steps = _NO_STEPS
    purchases: Purchases = _NO_PURCHASES
    flagged: int = 0
    layer: str = "ordinary"
    churn: float = 0.0
    judged_at: int = 0
    segments: list[str] = []
    told: dict[str, int] = {}

    @property
    def is_present(self) -> bool:
        """Whether the member was seen since they last left."""
        return self.last_seen > self.left_at


def seen(profile: Profile, event: BaseEvent) -> Profile:
    """Return the profile after an event of the member's, whatever it is worth."""
    time = event.time
    last = max(profile.last_seen, time)
    changed = replace(
        profile,
        first_seen=min(profile.first_seen or time, time),
        last_seen=last,
        role=_role(profile, event),
    )
    if isinstance(event, MemberJoined):
        changed = _named(changed, event.name, time)
        joined_at, invited_by = max(
            (changed.joined_at, changed.invited_by), (time, event.invited_by or "")
        )
        changed = replace(changed, joined_at=joined_at, invited_by=invited_by)
    elif isinstance(event, MemberUpdated):
        changed = described(_named(changed, event.name, time), event.attributes, time)
    elif isinstance(event, MemberLeft):
        changed = replace(changed, left_at=max(changed.left_at, time))
    return changed


def counted(
    profile: Profile, event: BaseEvent, names: Iterable[str], sign: int, when: Moment
) -> Profile:
    """Return the profile with what the event is worth counted (1) or taken back (-1)."""
    steps = profile.steps.record(names, when.day, sign)
    purchases = profile.purchases
    if isinstance(event, PurchaseMade):
        month = month_of(when)
        purchases = purchases.record(event.currency, event.amount, month, sign)
    return replace(profile, steps=steps, purchases=purchases)


def described(profile: Profile, attributes: Mapping[str, str], time: int) -> Profile:
    """Return the profile with these attributes as of `time`; an empty value removes one.

    Of two values of one moment the greater wins, so that their order does not matter.
    """
    values, since = dict(profile.attributes), dict(profile.attributes_at)
    for name, value in attributes.items():
        if name not in since and (len(since) >= MOST_ATTRIBUTES or not _NAME.fullmatch(name)):
            continue
        if (time, value) > (since.get(name, -1), values.get(name, "")):
            since[name] = time
            values[name] = value
            if not value:
                del values[name]
    return replace(profile, attributes=values, attributes_at=since)


def stood(profile: Profile, found: Standing) -> Profile:
    """Return the profile with what scoring found; what was found later stays."""
    if found.at and found.at < profile.judged_at:
        return profile
    return replace(profile, layer=found.layer, churn=found.churn, judged_at=found.at)


def erasure(profile: Profile, cause: str) -> MemberErased:
    """Return the record that has everything of the member forgotten, up to when they were seen."""
    where = (profile.tenant, profile.group, profile.member)
    return MemberErased(
        id=derive_id("member.erased", *where, cause),
        tenant=profile.tenant,
        group=profile.group,
        member=profile.member,
        time=Millis(profile.last_seen),
    )


def _named(profile: Profile, name: str, time: int) -> Profile:
    if not name:
        return profile
    named_at, name = max((profile.named_at, profile.name), (time, name))
    return replace(profile, named_at=named_at, name=name)


def _role(profile: Profile, event: BaseEvent) -> Role:
    if event.time == profile.last_seen:
        return max(profile.role, event.role)
    return event.role if event.time > profile.last_seen else profile.role
