"""The durable documents of campaigns, and what they are called. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from services.notify.campaigns.audience import GroupOutreach, MemberOutreach
from services.notify.campaigns.progress import TrackedCampaign
from services.notify.campaigns.relaying import PendingRelay, TrackedRelay
from services.notify.campaigns.sends import TrackedSend
from shared.events import group_key
from shared.stream.contracts import Key, Kind

CAMPAIGN: Final = Kind("campaigns", TrackedCampaign, timed=True)
SEND: Final = Kind("campaign_sends", TrackedSend, timed=True)
RELAY: Final = Kind("relays", TrackedRelay)
PENDING: Final = Kind("pending_relays", PendingRelay, timed=True)
GROUP: Final = Kind("outreach_groups", GroupOutreach)
MEMBER: Final = Kind("outreach_members", MemberOutreach)
KINDS: Final[Sequence[Kind[Any]]] = (CAMPAIGN, SEND, RELAY, PENDING, GROUP, MEMBER)


def group_at(tenant: str, group: str) -> Key:
    """Return where a group's document is."""
    return GROUP, group_key(tenant, group)


def member_at(tenant: str, group: str, member: str) -> Key:
    """Return where a member's document is."""
    return MEMBER, f"{group_key(tenant, group)}/{member}"


def pending_at(tenant: str, group: str, message: str) -> Key:
    """Return where a message is that waits to be relayed."""
    return PENDING, f"{group_key(tenant, group)}/{message}"
