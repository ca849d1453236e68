"""What campaigns do with each record: keep them, send them, relay, and watch what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from services.notify.campaigns import following, running
from services.notify.campaigns.audience import Page, ReadAudience
from services.notify.campaigns.documents import (
    CAMPAIGN,
    RELAY,
    SEND,
    group_at,
    member_at,
    pending_at,
)
from services.notify.campaigns.documents import (
    KINDS as DOCUMENTS,
)
from services.notify.campaigns.passing import Passing
from services.notify.campaigns.progress import TrackedCampaign
from services.notify.campaigns.relaying import PendingRelay, removes
from services.notify.campaigns.sending import Receivers, Sending
from services.notify.campaigns.sends import TrackedSend
from services.notify.erasure import forgetting
from services.notify.erasure.forgetting import ERASURE, FindTraces, Traces
from shared.actions import Action
from shared.campaigns import (
    CampaignMoved,
    CampaignSaved,
    RelaySaved,
    SendAsked,
    SendReturned,
    SendWithdrawn,
)
from shared.erasures import Erasure
from shared.events import BaseEvent, MessageDeleted, MessageEdited, MessagePosted, Millis
from shared.members import (
    AttributesSet,
    MemberErased,
    MemberJudged,
    PointsChanged,
    SegmentChange,
)
from shared.stream.contracts import Documents, Due, Input, Key, Kind, Outcome, Output, Record
from shared.topics import Topic
from shared.verdicts import Flag

__all__ = ["KINDS", "TOPICS", "CampaignsPartition"]

KINDS: Final[Sequence[Kind[Any]]] = (*DOCUMENTS, ERASURE)

TOPICS: Final = (
    Topic.CAMPAIGNS,
    Topic.EVENTS,
    Topic.FLAGS,
    Topic.ACTIONS,
    Topic.MEMBERS,
    Topic.SEGMENTS,
)


class CampaignsPartition:
    """One partition's share: its campaigns, and the groups that any campaign writes to.

    A campaign's owner asks the owners of groups for its messages; these alone
    know when something was last said there. All state is in documents.
    """

    def __init__(self, receivers: Receivers) -> None:
        self._sending = Sending(receivers)
        self._passing = Passing()

    def keys(self, item: Input) -> Iterator[Key]:
        match item:
            case Record(value=value):
                yield from _keys(value)
            case Due(document=TrackedSend() as send):
                yield from _recipient(send.tenant, send.group, send.member)
            case Due(document=PendingRelay() as pending):
                yield group_at(pending.tenant, pending.group)
            case Outcome(task=ReadAudience() as task):
                yield CAMPAIGN, task.campaign
            case Outcome(task=FindTraces() as task, result=None | Traces() as traces):
                yield from forgetting.keys_of(task, traces)

    def rebuild(self, record: Record) -> None:
        """Do nothing: there is no recent state."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        match item:
            case Record(value=value):
                return self._record(value, item.appended, documents)
            case Due(id=id, document=TrackedCampaign()):
                return running.proceed(id, item.now, documents)
            case Due(id=id, document=TrackedSend()):
                return self._sending.due(id, item.now, documents)
            case Due(document=PendingRelay() as pending):
                return self._passing.due(pending, item.now, documents)
            case Outcome(task=ReadAudience() as task, result=None | Page() as page):
                return running.page_read(task, page, item.now, documents)
            case Due(id=id, document=Erasure() as erasure):
                return forgetting.look(id, erasure, item.now, documents)
            case Outcome(task=FindTraces() as task, result=None | Traces() as traces):
                return forgetting.found(task, traces, item.now, documents)
            case _:
                raise TypeError(f"campaigns have no use for {item!r}")

    def _record(self, value: object, now: Millis, documents: Documents) -> Iterable[Output]:
        match value:
            case SendAsked():
                return self._sending.asked(value, now, documents)
            case SendReturned():
                return running.returned(value, now, documents)
            case SendWithdrawn():
                return self._sending.withdrawn(value, now, documents)
            case CampaignSaved():
                return running.save(value, documents)
            case CampaignMoved():
                return running.move(value, now, documents)
            case RelaySaved():
                self._passing.saved(value, documents)
            case MemberErased():
                following.forget(value, documents)
                forgetting.begin(value, now, documents)
            case _:
                self._follow(value, now, documents)
        return []

    def _follow(self, value: object, now: Millis, documents: Documents) -> None:
        match value:
            case BaseEvent():
                following.follow_event(value, documents)
                self._relay(value, now, documents)
            case Flag(event=MessagePosted() as event) if removes(value):
                self._passing.removed(
                    event.tenant, event.group, event.message, "flagged", documents
                )
            case Action() if value.kind in following.OUTREACH:
                following.follow_action(value, documents)
            case SegmentChange():
                following.follow_segment(value, documents)
            case AttributesSet():
                following.follow_attributes(value, documents)
            case Flag() | Action() | PointsChanged() | MemberJudged():
                pass
            case _:
                raise TypeError(f"campaigns have no use for {value!r}")

    def _relay(self, event: BaseEvent, now: Millis, documents: Documents) -> None:
        match event:
            case MessagePosted():
                self._passing.posted(event, now, documents)
            case MessageEdited():
                self._passing.edited(event, documents)
            case MessageDeleted():
                self._passing.removed(
                    event.tenant, event.group, event.message, "deleted", documents
                )


def _keys(value: object) -> Iterator[Key]:
    match value:
        case SendAsked():
            yield SEND, value.send
            yield from _recipient(value.tenant, value.group, value.member)
        case SendReturned() | CampaignSaved() | CampaignMoved():
            yield CAMPAIGN, value.campaign
        case SendWithdrawn():
            yield SEND, value.send
        case RelaySaved():
            yield RELAY, value.campaign
            yield group_at(value.tenant, value.group)
        case BaseEvent():
            yield group_at(value.tenant, value.group)
            yield member_at(value.tenant, value.group, value.member)
            if isinstance(value, MessageDeleted | MessageEdited):
                yield pending_at(value.tenant, value.group, value.message)
        case Flag(event=MessagePosted() as event) if removes(value):
            yield pending_at(event.tenant, event.group, event.message)
        case Action() if value.kind in following.OUTREACH:
            yield from _recipient(value.tenant, value.group, value.member)
        case SegmentChange() | AttributesSet() | MemberErased():
            yield member_at(value.tenant, value.group, value.member)


def _recipient(tenant: str, group: str, member: str | None) -> Iterator[Key]:
    if member is None:
        yield group_at(tenant, group)
    else:
        yield member_at(tenant, group, member)
