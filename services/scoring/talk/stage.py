"""What the talk stage does with messages, reactions and flags: it keeps each group's talk graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.scoring.contribution import MENTIONS_COUNTED
from services.scoring.cues import disagrees
from services.scoring.gathering import GATHERING
from services.scoring.talk.graph import (
    MENTION,
    REACTION,
    REPLY,
    TalkGraph,
    Utterance,
    said,
    without,
)
from shared.events import BaseEvent, MessagePosted, ReactionAdded, Role
from shared.members import MemberErased
from shared.stream.contracts import Documents, Input, Key, Kind, Output, Record, Stage
from shared.topics import Topic
from shared.verdicts import Flag

TALK_GRAPHS: Final = Kind("talk_graphs", TalkGraph, shown=("tenant", "group"))
KINDS: Final = (TALK_GRAPHS,)


def graph_id(tenant: str, group: str) -> str:
    """Return the `_id` of a group's talk graph."""
    return f"{tenant}\x1f{group}"


class TalkPartition:
    """Keeps the talk graphs of one partition's groups; it sends nothing."""

    def keys(self, item: Input) -> Iterable[Key]:
        if isinstance(item, Record):
            about = item.value.event if item.topic is Topic.FLAGS else item.value
            known = isinstance(about, BaseEvent) and utterance_of(about) is not None
            if known or isinstance(about, MemberErased):
                yield TALK_GRAPHS, graph_id(about.tenant, about.group)

    def rebuild(self, record: Record) -> None:
        """There is no recent state."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        if not isinstance(item, Record):
            raise TypeError("the talk stage has neither timers nor tasks")
        if isinstance(item.value, MemberErased):
            return _forget(item.value, documents)
        if not isinstance(item.value, BaseEvent | Flag):
            return ()
        event, sign = _event(item), _sign(item.value)
        utterance = utterance_of(event)
        if utterance is None or not sign:
            return ()
        id = graph_id(event.tenant, event.group)
        graph = documents.get(TALK_GRAPHS, id) or TalkGraph(tenant=event.tenant, group=event.group)
        documents.put(TALK_GRAPHS, id, said(graph, utterance, sign))
        return ()


def talk_stage() -> Stage:
    """Return the stage as the runtime needs it."""
    topics = (Topic.EVENTS, Topic.FLAGS, Topic.MEMBERS)
    return Stage("talk", topics, lambda _: TalkPartition(), KINDS, leisure=4, gathering=GATHERING)


def utterance_of(event: BaseEvent) -> Utterance | None:
    """Return what an event adds to the graph; nothing if it is a bot's or no exchange."""
    if event.role is Role.BOT:
        return None
    if type(event) is MessagePosted:
        named = dict.fromkeys(event.mentions[:MENTIONS_COUNTED], MENTION)
        if event.reply_to_member:
            named[event.reply_to_member] = REPLY
        named.pop(event.member, None)
        return Utterance(
            event.time,
            event.id,
            event.member,
            list(named),
            list(named.values()),
            against=disagrees(event.text),
        )
    if type(event) is ReactionAdded and event.author and event.author != event.member:
        to = [str(event.author)]
        return Utterance(event.time, event.id, event.member, to, [REACTION], speaks=False)
    return None


def _forget(erased: MemberErased, documents: Documents) -> Iterable[Output]:
    id = graph_id(erased.tenant, erased.group)
    graph = documents.get(TALK_GRAPHS, id) or TalkGraph(tenant=erased.tenant, group=erased.group)
    documents.put(TALK_GRAPHS, id, without(graph, erased.member, erased.time))
    return ()


def _event(record: Record) -> BaseEvent:
    event: BaseEvent = record.value.event if record.topic is Topic.FLAGS else record.value
    return event


def _sign(value: BaseEvent | Flag) -> int:
    """How often a record makes its event count: once, once less, or once again."""
    if not isinstance(value, Flag):
        return 1
    if not value.spam:
        return 0
    return 1 if value.reverses else -1
