"""Words that are quoted, not said: an insult that is reported, discussed or the name of a song."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from services.rules.lexicon import Match, Stretches
from services.rules.text import Normal

INSULTING: Final = frozenset(
    {"affront", "insult", "kin_insult", "slight", "slur", "threat", "disdain"}
)
"""The lexicon's categories that hurt when they are said, and not when they are quoted."""

_WITHIN: Final = INSULTING | {"second_person"}
_MARK: Final = re.compile('["“”「」『』《》]')
_QUOTED: Final = re.compile(
    r'“[^“”\n]{1,40}”|"[^"\n]{1,60}"|「[^「」\n]{1,40}」|『[^『』\n]{1,40}』|《[^《》\n]{1,30}》'
)
_SAID_TO: Final = re.compile(
    r"(?:[你您妳][^，。,.!！?？]{0,4}|\b(?:you|ur|u)\b[^,.!?]{0,8})\Z", re.IGNORECASE
)
_MOST_OF_IT: Final = 0.8


def unquoted(normal: Normal, matches: Sequence[Match]) -> tuple[list[Match], int]:
    """Return the words that are said, and how many insulting ones are only quoted.

    Words in quotation marks that follow "you" at once are said all the same, and
    so are those of a text that is a quotation nearly as a whole.
    """
    if _MARK.search(normal.original) is None or INSULTING.isdisjoint(m.category for m in matches):
        return list(matches), 0
    found = _quotations(normal.original)
    if not found:
        return list(matches), 0
    quotations = Stretches(found)
    within = [match for match in matches if match.category in _WITHIN]
    spans = normal.spans([(match.start, match.end, match.category) for match in within])
    quoted = {
        id(match)
        for match, span in zip(within, spans, strict=True)
        if quotations.covers(span.start, span.end)
    }
    said = [match for match in matches if id(match) not in quoted]
    return said, sum(id(m) in quoted and m.category in INSULTING for m in within)


def _quotations(original: str) -> list[tuple[int, int]]:
    return [
        found.span()
        for found in _QUOTED.finditer(original)
        if found.end() - found.start() < _MOST_OF_IT * len(original)
        and _SAID_TO.search(original[max(0, found.start() - 12) : found.start()]) is None
    ]
