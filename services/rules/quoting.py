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
    r'“[^“”]*”|(?<![A-Za-z0-9])"(?=\S)[^"]*(?<=\S)"|「[^「」]*」|『[^『』]*』|《[^《》]*》'
)
_MOST: Final = {'"': 60, "《": 30}
_MOST_BETWEEN_OTHERS: Final = 40
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
    """Return where words are quoted. What is too long for it pairs its marks all the same."""
    return [
        found.span()
        for found in _QUOTED.finditer(original)
        if _is_quotation(found[0])
        and found.end() - found.start() < _MOST_OF_IT * len(original)
        and _SAID_TO.search(original[max(0, found.start() - 12) : found.start()]) is None
    ]


def _is_quotation(marked: str) -> bool:
    within = len(marked) - 2
    return 0 < within <= _MOST.get(marked[0], _MOST_BETWEEN_OTHERS) and "\n" not in marked
