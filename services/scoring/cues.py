"""Words by which somebody disagrees."""

from __future__ import annotations

from typing import Final

import re2

_CHINESE: Final = (
    "不同意|不赞同|不认同|反对|不对吧?|不是这样|说错了|你错了|错了吧|不敢苟同|未必|不见得|"
    "有问题|质疑|没道理|不合理|胡说|扯淡|不靠谱|何必|不现实|站不住脚|我不觉得|我不这么(?:看|想|认为)"
)
_ENGLISH: Final = (
    r"\b(?:disagree|wrong|not true|incorrect|i doubt|doubtful|nonsense|misleading|"
    r"i don'?t (?:think|agree|believe)|not convinced|on the contrary|that'?s not|makes no sense)\b"
)
_DISAGREES: Final = re2.compile(f"(?i){_CHINESE}|{_ENGLISH}")
_LONGEST: Final = 2_000
"""Of a longer text, only the beginning is looked at."""


def disagrees(text: str) -> bool:
    """Whether a text says that somebody is wrong, as far as its words tell."""
    return _DISAGREES.search(text[:_LONGEST]) is not None
