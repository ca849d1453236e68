"""The work that every contender does with an event; needs nothing but the standard library."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

DAY_MS: Final = 86_400_000
WEEK_MS: Final = 7 * DAY_MS
WORKS: Final = ("no_op", "judging", "counting")
"""Nothing; normalise a text and look for patterns in it; keep a decayed score for each member."""

_PATTERNS: Final = re.compile(
    "|".join(
        (
            r"(?:加|➕).{0,3}(?:薇|微|v)\W{0,2}(?:信|❤)",
            r"(?:日|月)(?:赚|入)\d{2,}",
            r"(?:免费|白嫖).{0,6}(?:领取|红包|福利)",
            r"刷单|代购|博彩|返利|内部消息",
            r"https?://(?:bit\.ly|t\.cn|url\.cn)/\w+",
            r"\b(?:earn|make) \$?\d+ (?:a|per) (?:day|week)\b",
        )
    )
)


def judge(text: str) -> bool:
    """Whether the normalised text has one of the patterns."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _PATTERNS.search(plain) is not None


def decayed(score: float, last: int, now: int) -> float:
    """Return the score of a member who was last seen at `last` (ms) and is heard of again."""
    return float(score * 0.5 ** (abs(now - last) / WEEK_MS) + 1)


class Finish:
    """Counts events, and calls back at the last one."""

    def __init__(self, count: int, end: Callable[[], None]) -> None:
        self._left = count
        self._end = end

    def one_more(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._end()
