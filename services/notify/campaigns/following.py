"""What records tell of groups and members: who is there, and who did something. Pure."""

from __future__ import annotations

from typing import Final

from services.notify.campaigns.audience import (
    GroupOutreach,
    MemberOutreach,
    acted,
    contacted,
)
from services.notify.campaigns.documents import group_at, member_at
from shared.actions import Action, ActionKind
from shared.events import (
    ActivityAttended,
    BaseEvent,
    CheckinMade,
    ContentViewed,
    InviteAccepted,
    MemberJoined,
    MemberLeft,
    MemberUpdated,
    MessagePosted,
    PurchaseMade,
    ReactionAdded,
    Role,
)
from shared.frequency import Contact
from shared.members import AttributesSet, MemberErased, SegmentChange
from shared.stream.contracts import Documents, Key

OUTREACH: Final = frozenset(
    {
        ActionKind.MESSAGE_SEND,
        ActionKind.MEMBER_MESSAGE,
        ActionKind.MEMBER_PROMOTED,
        ActionKind.MEMBER_WIN_BACK,
    }
)
"""Actions that count as contacts, whoever asks for them."""
ACTIVITIES: Final = (
    MessagePosted,
    ReactionAdded,
    CheckinMade,
    ContentViewed,
    PurchaseMade,
    ActivityAttended,
    InviteAccepted,
)
"""Events that count as doing something after a message."""

About = BaseEvent | SegmentChange | AttributesSet | MemberErased
"""Records that are about a member of a group."""


def follow_event(event: BaseEvent, documents: Documents) -> None:
    """Learn of the group and the member, and count what they do after a message."""
    key = group_at(event.tenant, event.group)
    known: GroupOutreach | None = documents.get(*key)
    group = GroupOutreach(tenant=event.tenant, group=event.group) if known is None else known
    if _counts(event):
        group = acted(group, event.time)
    if group is not known:
        documents.put(*key, group)
    _follow_member(event, documents)


def follow_segment(change: SegmentChange, documents: Documents) -> None:
    """Note that a member came into a segment or fell out of it."""
    documents.put(
        *_key(change), _member(change, documents).segmented(change.segment, change.entered)
    )


def follow_attributes(request: AttributesSet, documents: Documents) -> None:
    """Note the tenant's own attributes of a member."""
    documents.put(*_key(request), _member(request, documents).named("", request.attributes))


def forget(request: MemberErased, documents: Documents) -> None:
    """Forget a member."""
    documents.remove(*_key(request))


def follow_action(action: Action, documents: Documents) -> None:
    """Count what anybody has said to a group or a member as a contact."""
    contact = Contact(action.id, action.time)
    if action.member is None:
        key = group_at(action.tenant, action.group)
        known: GroupOutreach | None = documents.get(*key)
        group = GroupOutreach(tenant=action.tenant, group=action.group) if known is None else known
        if (after := contacted(group, contact)) is not known:
            documents.put(*key, after)
        return
    key = member_at(action.tenant, action.group, action.member)
    found: MemberOutreach | None = documents.get(*key)
    member = found or MemberOutreach(tenant=action.tenant, group=action.group, member=action.member)
    if (told := contacted(member, contact)) is not found:
        documents.put(*key, told)


def _follow_member(event: BaseEvent, documents: Documents) -> None:
    """Keep members that were told of; a message of a stranger makes nobody known."""
    known: MemberOutreach | None = documents.get(*_key(event))
    match event:
        case MemberJoined():
            after = _member(event, documents).joined().named(event.name, {})
        case MemberUpdated():
            after = _member(event, documents).named(event.name, event.attributes)
        case MemberLeft() if known is not None:
            after = known.left(event.time)
        case _ if known is not None and _counts(event):
            after = acted(known, event.time)
        case _:
            return
    if after is not known:
        documents.put(*_key(event), after)


def _counts(event: BaseEvent) -> bool:
    return isinstance(event, ACTIVITIES) and event.role is not Role.BOT and not event.backfill


def _key(about: About) -> Key:
    return member_at(about.tenant, about.group, about.member)


def _member(about: About, documents: Documents) -> MemberOutreach:
    known: MemberOutreach | None = documents.get(*_key(about))
    if known is not None:
        return known
    return MemberOutreach(tenant=about.tenant, group=about.group, member=about.member)
