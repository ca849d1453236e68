"""What one event shows by itself: its text read, its signals, the facets windows are kept by."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from msgspec import Struct

from services.rules.classifier import classifier, percent
from services.rules.signals import COMMERCIAL, Reading, Value, read
from services.rules.windows import Facet, Facets
from shared.events import (
    BaseEvent,
    ContactRequested,
    MemberId,
    MemberJoined,
    MemberUpdated,
    MessageEdited,
    MessagePosted,
    RelayPosted,
    ReportFiled,
)

_NO_LETTER: Final = re.compile(r"[\W\d_]+")
_NOT_CHINESE: Final = re.compile(r"[^\u4e00-\u9fff]+")
_ENOUGH_CHINESE: Final = 10


class Observation(Struct, frozen=True):
    """An event as rules see it."""

    event: BaseEvent
    group: str
    reading: Reading | None
    signals: dict[str, Value]
    facets: Facets
    essence: str
    """What remains of the text without digits, punctuation and decoration."""
    odds: dict[str, float] = {}
    """What the classifier says: calibrated logarithms of odds by question."""


def observe(event: BaseEvent) -> Observation:
    """Look at an event of one of the types that rules see."""
    written = text_of(event)
    reading = read(written) if written else None
    signals = _event_signals(event)
    odds: dict[str, float] = {}
    if reading is not None:
        signals.update(_text_signals(reading))
        odds = classifier().odds(reading)
        signals.update(_classifier_signals(odds))
    essence = _essence(reading.normal.text) if reading else ""
    return Observation(
        event, event.key, reading, signals, _facets(event, reading, essence), essence, odds
    )


def text_of(event: BaseEvent) -> str:
    """Return what an event says: a message's text, or the name somebody goes by."""
    if isinstance(event, MessagePosted | MessageEdited | RelayPosted | ContactRequested):
        return event.text
    return event.name if isinstance(event, MemberJoined | MemberUpdated) else ""


def fingerprint(kind: str, value: str) -> str:
    """Return a short name for something that may be seen again."""
    return f"{kind}:{hashlib.blake2b(value.encode(), digest_size=12).hexdigest()}"


def _essence(text: str) -> str:
    chinese = _NOT_CHINESE.sub("", text)
    return chinese if len(chinese) >= _ENOUGH_CHINESE else _NO_LETTER.sub("", text)


def _text_signals(reading: Reading) -> dict[str, Value]:
    found = reading.signals
    signals = {f"text.{name}": value for name, value in found.items()}
    kinds = [int(found[name]) for name in COMMERCIAL if name in found]
    if kinds:
        signals["text.pitch"] = sum(kinds)
        signals["text.pitches"] = len(kinds)
    for name, parts in _SUMS.items():
        total = sum(int(found[part]) for part in parts if part in found)
        if total:
            signals[name] = total
    return signals


def _classifier_signals(odds: dict[str, float]) -> dict[str, Value]:
    found = ((question, percent(each)) for question, each in odds.items() if each > _NEGLIGIBLE)
    return {f"classifier.{question}": value for question, value in found}


_NEGLIGIBLE: Final = -3.0
"""Logarithm of odds below which an answer is a plain no: 5 %."""


_SUMS: Final = {
    "text.reach": ("contacts", "strange_links", "short_code"),
    "text.evasions": ("hidden", "gaps", "variants", "split", "digits", "mirrored"),
}


def _event_signals(event: BaseEvent) -> dict[str, Value]:
    signals: dict[str, Value] = {}
    if not isinstance(event, MessagePosted):
        signals["event.type"] = event.type
    if event.role != "member":
        signals["event.role"] = str(event.role)
    if isinstance(event, MessagePosted):
        if event.media != "text":
            signals["event.media"] = str(event.media)
        if event.reply_to is not None:
            signals["event.reply"] = True
        if event.mentions:
            signals["event.mentions"] = len(event.mentions)
    elif isinstance(event, MemberJoined) and event.invited_by is not None:
        signals["event.invited"] = True
    return signals


def _facets(event: BaseEvent, reading: Reading | None, essence: str) -> Facets:
    facets: Facets = {Facet.MEMBER: event.member, Facet.GROUP: ""}
    target = _target(event)
    if target is not None:
        facets[Facet.TARGET] = target
        facets[Facet.PAIR] = "\x1f".join(sorted((event.member, target)))
    if isinstance(event, ReportFiled):
        facets[Facet.MESSAGE] = event.message
    if essence:
        facets[Facet.TEXT] = fingerprint("text", essence)
    if reading is not None:
        if reading.contacts:
            facets[Facet.CONTACT] = reading.contacts[0].value
        strange = [link.domain for link in reading.links if not link.known]
        if strange:
            facets[Facet.DOMAIN] = strange[0]
    return facets


def _target(event: BaseEvent) -> MemberId | None:
    if isinstance(event, MessagePosted):
        if event.reply_to_member is not None:
            return event.reply_to_member
        return event.mentions[0] if event.mentions else None
    if isinstance(event, ContactRequested):
        return event.target
    return event.author if isinstance(event, ReportFiled) else None
