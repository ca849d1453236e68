"""People whose names are also ways of writing a lure's words: 佳薇 (加微), Wei Xin (微信), Du Bo.

Such a spelling is read as what it stands for only where the text shows more than the name.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from services.rules.data import table, words
from services.rules.folding import fold

_ENOUGH: Final = 2
"""Points of evidence: an id or a call is enough by itself, a word of an offer is half of it."""
_NEAR: Final = r"[^\w\n,.!?;、。]{0,6}"
_ID: Final = re.compile(
    rf"[信心芯]?{_NEAR}(?:号|id|is|是|搜|hao)?{_NEAR}"
    r"(?=[a-z_\-]{0,15}\d{3}|[a-z0-9]{0,15}_)(?!\d|[a-z]{1,2}\d)[a-z][a-z0-9_\-]{4,19}(?![a-z0-9])"
)
_NUMBER: Final = re.compile(rf"[信心芯]?{_NEAR}(?:号|id|是)?{_NEAR}\d{{6,11}}(?!\d)")
_CALL: Final = re.compile(
    rf"{_NEAR}(?:(?:私聊|详聊|聊聊|加我|私我|扫我|进群|领取|私|聊|领|咨询|了解)(?=\W|\Z)"
    r"|领(?:取|免费|福利|资料)|(?:siliao|liao|lai|ling|zixun)(?![a-z]))"
)
_CALLED: Final = re.compile(
    r"(?:需要的?|有意者?|要的|感兴趣的?|有兴趣的?|详情|有需要|想看的|想赚的)[\s,:]{0,2}\Z"
)
_BESIDE: Final = re.compile(r"[跟和找给问让叫是与同向对被把谢]\Z")
_PERSON: Final = re.compile(
    r"老师|同学|[姐哥妹弟总姨叔嫂爷奶]|医生|经理|主任|女士|先生|小姐|宝贝|学长|学姐|师傅|教练|阿姨"
    r"|[说问讲今昨明刚也在的和跟与是不没都去来把被生结考请你我他她们吗呢吧啊]"
)
_WHOLE: Final = re.compile(r"\W*\Z")
_MOST_BEFORE: Final = 8


def is_meant(text: str, start: int, end: int, points: int) -> bool:
    """Whether what could be a name at `start` to `end` stands for something else.

    `points` is how many words of the text are of an offer, or written in disguise.
    """
    before = text[max(0, start - _MOST_BEFORE) : start]
    if _ID.match(text, end) or _CALLED.search(before):
        return True
    if _PERSON.match(text, end) or _BESIDE.search(before):
        return False
    if _CALL.match(text, end):
        return True
    last = points > 0 and _WHOLE.match(text, end) is not None
    return points + last + (_NUMBER.match(text, end) is not None) >= _ENOUGH


def offers(text: str) -> int:
    """Return how many words of offers a text has, each counted once."""
    return len({text[start:end] for start, end, _ in _offers().find(text)})


@cache
def namesakes() -> frozenset[str]:
    """Return the spellings that are people's names too."""
    return frozenset(map(fold, words(table("variants")["namesakes"])))


@cache
def _offers() -> CharwiseDoubleArrayAhoCorasick:
    listed = {fold(word) for word in words(table("variants")["offers"])}
    return CharwiseDoubleArrayAhoCorasick(sorted(listed), MATCH_KIND_LEFTMOST_LONGEST)
