"""How advertisers write so that a list of words does not catch them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

Evasion = Callable[[str], str]

_HOMOPHONES: Final = str.maketrans("微信加购代", "薇芯伽勾带")
_SPLIT: Final = str.maketrans(
    {"加": "力口", "信": "亻言", "好": "女子", "购": "贝勾", "代": "亻弋"}
)
_TRADITIONAL: Final = str.maketrans("购仓库单发货", "購倉庫單發貨")
_CONFUSABLES: Final = str.maketrans("aeoipcx", "аеоірсх")
_KEYCAP: Final = "\ufe0f\u20e3"
_ZERO_WIDTH: Final = "\u200b"


def plain(text: str) -> str:
    """Return the text as it is."""
    return text


def homophones(text: str) -> str:
    """Swap characters for others that sound alike: 微信 becomes 薇芯."""
    return text.translate(_HOMOPHONES)


def full_width(text: str) -> str:
    """Write ASCII letters and digits in their full-width forms."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def dotted(text: str) -> str:
    """Put dots between characters: 加·微·信."""
    return "·".join(text)


def zero_width(text: str) -> str:
    """Put invisible characters between characters."""
    return _ZERO_WIDTH.join(text)


def split_characters(text: str) -> str:
    """Write characters as their halves: 加 becomes 力口 (拆字)."""
    return text.translate(_SPLIT)


def dressed_up(text: str) -> str:
    """Mix traditional characters, Cyrillic look-alikes and keycap digits."""
    swapped = text.translate(_TRADITIONAL).translate(_CONFUSABLES)
    return "".join(c + _KEYCAP if c.isascii() and c.isdigit() else c for c in swapped)


EVASIONS: Final[Mapping[str, Evasion]] = {
    "plain": plain,
    "homophones": homophones,
    "full-width letters": full_width,
    "dots between characters": dotted,
    "zero-width characters": zero_width,
    "split characters": split_characters,
    "look-alike characters": dressed_up,
}
"""The seven ways by name."""
