"""The names that conditions may use, with the value that each has when nothing is known."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from services.rules.lexicon import lexicon
from services.rules.signals import COMMERCIAL, TEXT_SIGNALS, Value
from shared.events import (
    BaseEvent,
    ContactRequested,
    MemberJoined,
    MemberUpdated,
    MessageEdited,
    MessagePosted,
    RelayPosted,
    ReportFiled,
)


class Subject(StrEnum):
    """Which events a rule, window or automation is about."""

    MESSAGE = "message"
    JOIN = "join"
    RENAME = "rename"
    REQUEST = "request"
    REPORT = "report"


SUBJECTS: Final[dict[type[BaseEvent], Subject]] = {
    MessagePosted: Subject.MESSAGE,
    MessageEdited: Subject.MESSAGE,
    RelayPosted: Subject.MESSAGE,
    MemberJoined: Subject.JOIN,
    MemberUpdated: Subject.RENAME,
    ContactRequested: Subject.REQUEST,
    ReportFiled: Subject.REPORT,
}
"""The events that rules see; scoring sees the others."""

DERIVED_SIGNALS: Final[dict[str, tuple[Value, str]]] = {
    "pitch": (0, "words of the commercial categories: " + ", ".join(COMMERCIAL)),
    "pitches": (0, "commercial categories with at least one word"),
    "reach": (0, "ways to be reached: contacts, strange links, short codes"),
    "evasions": (
        0,
        "hidden characters, gaps, variants, taken-apart characters, written digits, mirrored lines",
    ),
}
EVENT_SIGNALS: Final[dict[str, tuple[Value, str]]] = {
    "type": ("message.posted", "the event's type"),
    "role": ("member", "what the acting member is in the group"),
    "media": ("text", "what the message consists of"),
    "reply": (False, "answers another message"),
    "mentions": (0, "members mentioned"),
    "invited": (False, "joined by another member's invitation"),
}
CLASSIFIER_SIGNALS: Final[dict[str, tuple[Value, str]]] = {
    "spam": (0, "how likely the text is spam by the shipped weights, in percent"),
    "abuse": (0, "how likely the text is abuse by the shipped weights, in percent; Chinese only"),
    "learned": (0, "how likely moderators would act on the text, in percent"),
    "lessons": (0, "moderators' verdicts that `learned` comes from"),
}
GROUP_SIGNALS: Final[dict[str, tuple[Value, str]]] = {
    "id": ("", "the group's id, such as `group.id.startsWith('vip-')`; windows tell what goes on"),
}
MEMBER_SIGNALS: Final[dict[str, tuple[Value, str]]] = {
    "removals": (0, "removals within the span that escalation looks back"),
    "joined": (False, "the member's joining was seen"),
    "age": (0, "seconds since the member joined; 0 where the joining was not seen"),
}


def text_signals() -> dict[str, tuple[Value, str]]:
    """Return every signal of `text`: shape and contacts, lexicon categories, derived ones."""
    words: dict[str, tuple[Value, str]] = dict.fromkeys(
        lexicon().categories, (0, "words of this category of the lexicon")
    )
    return {**TEXT_SIGNALS, **words, **DERIVED_SIGNALS}


MEANINGS: Final[dict[str, tuple[Value, str]]] = {
    f"{family}.{name}": told
    for family, signals in {
        "text": text_signals(),
        "event": EVENT_SIGNALS,
        "group": GROUP_SIGNALS,
        "member": MEMBER_SIGNALS,
        "classifier": CLASSIFIER_SIGNALS,
    }.items()
    for name, told in signals.items()
}
"""Every signal that no pack adds, by its full name: default, meaning."""
SIGNALS: Final[dict[str, Value]] = {name: default for name, (default, _) in MEANINGS.items()}
"""Every signal that no pack adds, by its full name, with its default."""


def window_defaults(names: Iterable[str]) -> dict[str, Value]:
    """Return the signals that windows of these names give."""
    return {f"window.{name}": 0 for name in names}
