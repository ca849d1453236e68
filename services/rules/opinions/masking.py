"""A text as it may leave the installation: without ways to reach anybody."""

from __future__ import annotations

import re
from typing import Final

from services.rules.signals import Reading

MOST_CHARACTERS: Final = 1_000
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MENTION: Final = re.compile(r"[@＠]\w[\w.-]*")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d(?:[\s\-.()]{0,2}\d){4,}")


def masked(reading: Reading) -> str:
    """Return the original text, cut short, with what would reach or name somebody masked.

    Contacts become their kind (`[wechat]`), links `[link]`, mentions `[member]`
    and runs of five digits and more `[number]`, however they were disguised.
    """
    stretches = [(each.start, each.end, each.kind.value) for each in reading.contacts]
    stretches += [(each.start, each.end, "link") for each in reading.links]
    text = reading.normal.original
    before = len(text)
    for span in sorted(reading.normal.spans(stretches), key=lambda span: -span.end):
        if span.start < before:  # of what overlaps, the rest before it
            text = f"{text[: span.start]}[{span.what}]{text[min(span.end, before) :]}"
            before = span.start
    for pattern, name in _LEFT:
        text = pattern.sub(f"[{name}]", text)
    return text[:MOST_CHARACTERS]


_LEFT: Final = ((_EMAIL, "email"), (_LINK, "link"), (_MENTION, "member"), (_NUMBER, "number"))
"""What no contact or link was read in, and may name somebody all the same."""
