"""How something is written, beside its words: what one community's moderators may go by.

The shipped weights see none of it, because it differs from place to place; what a
tenant's own moderators teach may.
"""

from __future__ import annotations

import re
from typing import Final

from services.rules.signals import Reading

_HABITS: Final = {
    "mention": re.compile("@"),
    "markup": re.compile(r"\[[^\[\]]{1,80}\]"),
    "number": re.compile(r"\d{6}"),
    "lines": re.compile("\n"),
    "question": re.compile("[?？吗]"),
}
_WORDS: Final = re.compile(r"[a-z]{2,20}")
_MOST_WORDS: Final = 40
_MOST_CHARACTERS: Final = 800


def manner(reading: Reading) -> list[str]:
    """Name a text's habits, its length by doublings, its Latin words, the domains it links to."""
    text = reading.normal.text[:_MOST_CHARACTERS]
    found = [f"size:{len(text).bit_length()}"]
    found += [f"habit:{name}" for name, pattern in _HABITS.items() if pattern.search(text)]
    found += [f"word:{word}" for word in sorted(set(_WORDS.findall(text)))[:_MOST_WORDS]]
    found += [f"domain:{domain}" for domain in sorted({link.domain for link in reading.links})]
    return found
