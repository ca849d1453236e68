"""What one event shows by itself: its text read, its signals, the facets windows are kept by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from services.rules.signals import Reading, Value
from services.rules.windows import Facet, Facets
from services.rules.word_lists.lists import Listed, TenantLists
from services.rules.written import written
from shared.events import (
    BaseEvent,
    ContactRequested,
    Media,
    MemberId,
    MemberJoined,
    MemberUpdated,
    MessageEdited,
    MessagePosted,
    RelayPosted,
    ReportFiled,
    Role,
)


class Observation(Struct, frozen=True, gc=False):
    """An event as rules see it."""

    event: BaseEvent
    group: str
    reading: Reading | None
    signals: Mapping[str, Value]
    facets: Facets
    essence: str
    """What remains of the text without digits, punctuation and decoration."""
    odds: Mapping[str, float] = {}
    """What the classifier says: calibrated logarithms of odds by question."""
    listed: Listed | None = None
    """What of the tenant's own word lists stands in the text."""
    several: Mapping[Facet, Sequence[str]] = {}
    """All values of those facets of which the text has more than one."""


def observe(event: BaseEvent, lists: TenantLists | None = None) -> Observation:
    """Look at an event of one of the types that rules see, and for the tenant's own words."""
    text = text_of(event)
    own, facets = _event_signals(event), _event_facets(event)
    if not text:
        return Observation(event, event.key, None, own, facets, "")
    said = written(text)
    signals = {**own, **said.signals} if own else said.signals
    facets.update(said.facets)
    listed = None if lists is None else lists.look(said.reading.normal.text)
    if listed is not None:
        signals = {**signals, **listed.signals}
    return Observation(
        event,
        event.key,
        said.reading,
        signals,
        facets,
        said.essence,
        said.odds,
        listed,
        said.several,
    )


_SAYS: Final[dict[type[BaseEvent], Callable[[Any], str]]] = {
    **dict.fromkeys(
        (MessagePosted, MessageEdited, RelayPosted, ContactRequested), attrgetter("text")
    ),
    **dict.fromkeys((MemberJoined, MemberUpdated), attrgetter("name")),
}


def text_of(event: BaseEvent) -> str:
    """Return what an event says: a message's text, or the name somebody goes by."""
    says = _SAYS.get(type(event))
    return says(event) if says is not None else ""


_PLAIN_MEMBER: Final = Role.MEMBER
_TEXT: Final = Media.TEXT
_MEMBER, _GROUP, _TENANT = Facet.MEMBER, Facet.GROUP, Facet.TENANT


def _event_signals(event: BaseEvent) -> dict[str, Value]:
    signals: dict[str, Value] = {}
    if event.role is not _PLAIN_MEMBER:
        signals["event.role"] = str(event.role)
    if isinstance(event, MessagePosted):
        if event.media is not _TEXT:
            signals["event.media"] = str(event.media)
        if event.reply_to is not None:
            signals["event.reply"] = True
        if event.mentions:
            signals["event.mentions"] = len(event.mentions)
        return signals
    signals["event.type"] = event.type
    if isinstance(event, MemberJoined) and event.invited_by is not None:
        signals["event.invited"] = True
    return signals


def _event_facets(event: BaseEvent) -> Facets:
    facets: Facets = {
        _MEMBER: event.member,
        _GROUP: event.group,
        _TENANT: event.tenant,
    }
    target = _target(event)
    if target is not None:
        facets[Facet.TARGET] = target
        facets[Facet.PAIR] = "\x1f".join(sorted((event.member, target)))
    if isinstance(event, ReportFiled):
        facets[Facet.MESSAGE] = event.message
    return facets


def _target(event: BaseEvent) -> MemberId | None:
    if isinstance(event, MessagePosted):
        if event.reply_to_member is not None:
            return event.reply_to_member
        return event.mentions[0] if event.mentions else None
    if isinstance(event, ContactRequested):
        return event.target
    return event.author if isinstance(event, ReportFiled) else None
