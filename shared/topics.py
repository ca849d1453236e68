"""The topics, and which records are on each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from shared.actions import Action, Delivery
from shared.campaigns import CampaignRecord
from shared.events import Event
from shared.members import MemberRequest, SegmentChange
from shared.reviews import Review
from shared.tallies import Tally
from shared.verdicts import Flag, Sighting


class Topic(StrEnum):
    """The topics, named without the installation's namespace."""

    EVENTS = "events"
    FLAGS = "flags"
    SIGHTINGS = "sightings"
    TALLIES = "tallies"
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
    Topic.TALLIES: Tally,
    Topic.ACTIONS: Action,
    Topic.DELIVERIES: Delivery,
    Topic.MEMBERS: MemberRequest,
    Topic.SEGMENTS: SegmentChange,
    Topic.REVIEWS: Review,
    Topic.CAMPAIGNS: CampaignRecord,
}
"""Which struct is on which topic; the dead-letter topic carries the bytes of any."""
