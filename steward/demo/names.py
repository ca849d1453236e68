"""Names for six hundred people, none of them twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Final

from steward.demo.groups import Language

_CHINESE_FIRST: Final = (
    "小", "阿", "大", "老", "晴", "木", "南", "山", "青", "云", "夏", "秋", "星", "月", "安", "乐",
    "北", "溪", "麦", "糖", "柚", "禾", "向", "知", "半", "春", "初", "言", "一", "听",
)  # fmt: skip
_CHINESE_LAST: Final = (
    "米", "雨", "凯", "李", "天", "风", "枫", "暖", "海", "果", "树", "鱼", "豆", "川", "野", "洋",
    "河", "桐", "舟", "光", "晨", "宁", "橙", "茶", "雪", "夏", "北", "歌", "夕", "笛", "榆", "墨",
)  # fmt: skip
_CHINESE_TAIL: Final = ("", "", "", "", "", "同学", "er", "～")
_ENGLISH_FIRST: Final = (
    "Ada", "Ben", "Cleo", "Dan", "Elif", "Finn", "Gus", "Hana", "Ines", "Jon", "Kay", "Lou",
    "Mina", "Noor", "Otto", "Pia", "Quinn", "Rosa", "Sam", "Tess", "Uma", "Vik", "Wren", "Yuki",
)  # fmt: skip
_ENGLISH_LAST: Final = ("", "B", "K", "M", "R", "S", "W", "77", "_x", "dev", "leaf")


def names(language: Language, random: Random) -> Iterator[str]:
    """Yield the language's names in random order, each once."""
    if language == "zh":
        stems = product(_CHINESE_FIRST, _CHINESE_LAST)
        every = ["".join(stem) + random.choice(_CHINESE_TAIL) for stem in stems]
    else:
        every = ["".join(part) for part in product(_ENGLISH_FIRST, _ENGLISH_LAST)]
    random.shuffle(every)
    yield from every
