"""How deep JSON is nested, seen before any decoder has to follow it."""

from __future__ import annotations

import re
from typing import Final

MOST_DEPTH: Final = 64
"""How deep arrays and objects may be nested in what is sent to Steward."""

# Possessive, and with a string that need not end: linear in whatever it is given.
_TOKENS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)


def is_too_deep(text: bytes, most: int = MOST_DEPTH) -> bool:
    """Whether JSON is nested deeper than `most`, by its brackets outside of strings.

    Needs no stack. For what is no JSON it says something: a decoder refuses that anyway.
    """
    if text.count(b"[") + text.count(b"{") <= most:
        return False
    depth = 0
    for token in _TOKENS.finditer(text):
        first = text[token.start()]
        if first in b"[{":
            depth += 1
            if depth > most:
                return True
        elif first in b"]}":
            depth -= 1
    return False
