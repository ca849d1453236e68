"""Campaigns, and a world of partitions that talk to each other, for their tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.notify.campaigns.audience import Page
from services.notify.campaigns.documents import CAMPAIGN, SEND
from services.notify.campaigns.progress import TrackedCampaign
from services.notify.campaigns.sends import TrackedSend
from services.notify.campaigns.stage import CampaignsPartition
from services.notify.erasure.forgetting import MOST_FOUND, FindTraces, FoundDelivery, Traces
from shared.actions import Action, Delivery
from shared.campaigns import (
    Audience,
    Campaign,
    CampaignMoved,
    CampaignSaved,
    Content,
    Move,
    Recipient,
)
from shared.events import EndpointId, GroupId, MemberId, MessageId, MessagePosted, Millis, TenantId
from shared.stream.contracts import Due, Input, Keyed, Outcome, Output, Perform, Publish, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic

NOW = Millis(1_772_503_200_000)
"""2026-03-03 10:00 in Shanghai, a Tuesday."""
TENANT = TenantId("acme")
MINUTE, HOUR = 60_000, 3_600_000


def to_groups(*groups: str, **more: Any) -> Campaign:
    """Return a campaign to these groups."""
    fields: dict[str, Any] = {
        "name": "春游",
        "audience": Audience(recipients=[Recipient(GroupId(each)) for each in groups]),
        "content": Content(text="周六春游，{{ group }} 的朋友来报名"),
        "per_minute": 6_000,
    }
    return Campaign(**{**fields, **more})


def to_members(*members: str, **more: Any) -> Campaign:
    """Return a campaign to these members of `g1`."""
    recipients = [Recipient(GroupId("g1"), MemberId(each)) for each in members]
    return to_groups(**{"audience": Audience(recipients=recipients), **more})


def saved(definition: Campaign, id: str = "cp_1", **more: Any) -> CampaignSaved:
    fields = {"id": f"{id}-{definition.name}", "tenant": TENANT, "campaign": id, "time": NOW}
    return CampaignSaved(**{**fields, "definition": definition, "by": "key_author", **more})


def posted(text: str, group: str = "g1", member: str = "m1", **more: Any) -> MessagePosted:
    fields: dict[str, Any] = {
        "id": f"{group}-{member}-{text}",
        "source": "test",
        "tenant": TENANT,
        "group": GroupId(group),
        "member": MemberId(member),
        "time": NOW,
        "message": MessageId(f"{group}-{text}"),
        "text": text,
    }
    return MessagePosted(**{**fields, **more})


@dataclass
class Endpoints:
    """Every action has one receiver, or none."""

    there: bool = True

    def webhooks(self, action: Action) -> list[str]:
        return [f"wh-{action.id}"] if self.there else []


@dataclass
class World:
    """One partition that owns everything; what it publishes for itself comes back at once."""

    now: Millis = NOW
    endpoints: Endpoints = field(default_factory=Endpoints)
    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    actions: list[Action] = field(default_factory=list)
    forgotten: list[Delivery] = field(default_factory=list)
    audience: list[Recipient] = field(default_factory=list)
    readable: bool = True

    def __post_init__(self) -> None:
        self.partition = CampaignsPartition(self.endpoints)

    def tell(self, *records: Keyed, topic: Topic = Topic.CAMPAIGNS) -> None:
        """Apply records that are appended now."""
        for record in records:
            self._apply(Record(topic, 0, 0, record, "", self.now))

    def say(self, text: str, group: str = "g1", member: str = "m1", **more: Any) -> None:
        """Have a member write in a group."""
        event = posted(text, group, member, **{"time": self.now, **more})
        self.tell(event, topic=Topic.EVENTS)

    def move(self, move: Move, id: str = "cp_1", revision: int | None = None) -> None:
        """Ask something of a campaign, as it is or as it was at a revision."""
        fields: dict[str, Any] = {"tenant": TENANT, "campaign": id, "by": "key_boss"}
        at = self.campaign(id).revision if revision is None else revision
        name = f"{move}-{self.now}"
        self.tell(CampaignMoved(id=name, move=move, revision=at, time=self.now, **fields))

    def pass_time(self, milliseconds: int, step: int = 1_000) -> None:
        """Let time go by, and hand over what falls due."""
        end = self.now + milliseconds
        while self.now < end:
            self.now = Millis(min(self.now + step, end))
            for (kind, id), document in list(self.documents.by_key.items()):
                due_at = getattr(document, "due_at", None) if kind.timed else None
                if due_at is not None and due_at <= self.now:
                    self._apply(Due(kind, id, document, self.now))

    def campaign(self, id: str = "cp_1") -> TrackedCampaign:
        found: TrackedCampaign = self.documents.by_key[CAMPAIGN, id]
        return found

    def sends(self) -> dict[str, TrackedSend]:
        """Return what became of messages, by `group` or `group/member`."""
        found = [each for (kind, _), each in self.documents.by_key.items() if kind is SEND]
        return {
            each.group if each.member is None else f"{each.group}/{each.member}": each
            for each in found
        }

    def states(self) -> dict[str, str]:
        return {name: each.state.value for name, each in self.sends().items()}

    def texts(self) -> dict[str, list[str]]:
        """Return what was said in each group."""
        said: dict[str, list[str]] = {}
        for action in self.actions:
            said.setdefault(action.group, []).append(action.text)
        return said

    def _apply(self, item: Input) -> None:
        if isinstance(item, Due):
            self.documents.name([(item.kind, item.id), *self.partition.keys(item)])
            outputs: list[Output] = list(self.partition.apply(item, self.documents))
        else:
            outputs = fold(self.partition, [item], self.documents)
        for output in outputs:
            match output:
                case Publish(topic=Topic.ACTIONS, record=Action() as action):
                    self.actions.append(action)
                    self.tell(action, topic=Topic.ACTIONS)
                case Publish(topic=Topic.DELIVERIES, record=Delivery() as delivery):
                    self.forgotten.append(delivery)
                case Publish(record=record):
                    self.tell(record)
                case Perform(task=FindTraces() as task):
                    self._apply(Outcome(task, self._find(task), self.now))
                case Perform(task=task):
                    self._apply(Outcome(task, self._read(task.cursor, task.limit), self.now))

    def _find(self, task: FindTraces) -> Traces | None:
        """Find as the store does: messages that are written, and a delivery for each action."""
        if not self.readable:
            return None
        sends = sorted(
            id
            for (kind, id), each in self.documents.by_key.items()
            if kind is SEND and each.member == task.member and id > task.after_send
        )
        told = [each for each in self.actions if each.member == task.member]
        deliveries = sorted(
            (FoundDelivery(f"wh-{each.id}", EndpointId("ep_1"), "", each) for each in told),
            key=lambda each: each.id,
        )
        rest = [each for each in deliveries if each.id > task.after_delivery]
        return Traces(sends[:MOST_FOUND], rest[:MOST_FOUND])

    def _read(self, cursor: str, limit: int) -> Page | None:
        if not self.readable:
            return None
        start = int(cursor or 0)
        end = start + limit
        return Page(self.audience[start:end], str(end) if end < len(self.audience) else "")
