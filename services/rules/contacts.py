"""Ways to be reached that a text gives away: WeChat, QQ, phone, Telegram, e-mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct


class ContactKind(StrEnum):
    """Where a contact leads."""

    WECHAT = "wechat"
    QQ = "qq"
    PHONE = "phone"
    TELEGRAM = "telegram"
    EMAIL = "email"
    SHORT_CODE = "short_code"


class Contact(Struct, frozen=True, gc=False):
    """A contact at characters `start` to `end` of the normalised text."""

    kind: ContactKind
    value: str
    start: int
    end: int


_MAYBE: Final = re.compile(
    r"[\d@tq微飞](?:(?<=\d)[\d\s\-.]{4,}|(?<=@)|(?<=t)(?:\.me|elegram)|(?<=q)q"
    r"|(?<=微)(?:信|\W?[a-z0-9])|(?<=飞)机)"
)
_CHINESE: Final = (
    r"(?<![\d.])(?:\+?86[\s\-]?)?(1[3-9]\d(?:[\s\-.]?\d){8}|1[3-9]\dx{4}\d{4})(?![\d.]\d|\d)"
)
_FOREIGN: Final = (
    r"(?<![\d.])(\+\d{1,3}[\s\-]?\d(?:[\s\-()]?\d){7,11}|0[789]\d(?:[\s\-]?\d){7,8})(?!\d)"
)
_LANDLINE: Final = r"(?<![\d.])(0\d{2,3}[\s\-]\d{7,8}|[48]00[\s\-]?\d{3}[\s\-]?\d{4})(?!\d)"
_AFTER: Final = (
    r"(?:号码|号|id|同号|同步|就是|联系|群|客服|老师|专员){0,3}"
    r"[\s:=\-_>→~,.、()\[\]【】'\"「」《》👉↓]{0,6}(?:是|为|名|is(?=[\s:]{1,3}[a-z_\-]{1,15}\d))?[\s:]{0,3}"
)
_WECHAT_ID: Final = r"(?!com\b|www|http)([a-z][a-z0-9_\-]{4,19}|\d{6,11}|[a-z]{1,4}\d{4,11})"
_PATTERNS: Final = {
    ContactKind.WECHAT: re.compile(
        rf"(?:微信|加微信|(?<![a-z])(?:v|wx|vx)(?=[\s:]{{0,3}}[a-z]{{0,8}}\d)|微)"
        rf"(?:{_AFTER}){_WECHAT_ID}(?![a-z0-9])"
    ),
    ContactKind.QQ: re.compile(
        rf"(?:qq群|qq|扣|鹅|群)(?:{_AFTER})([1-9]\d{{4,10}})(?!\d)"
        r"|(?:加入|加我|加群|联系|咨询|购买|私聊|进群|请找|来找)[^\d\n]{0,3}([1-9]\d{7,10})(?!\d)"
    ),
    ContactKind.PHONE: re.compile(rf"{_CHINESE}|{_FOREIGN}|{_LANDLINE}"),
    ContactKind.TELEGRAM: re.compile(
        r"(?:t\.me|telegram\.me)/\+?([a-z0-9_]{4,64})"
        r"|(?:telegram|飞机|电报|(?<![a-z])tg)(?:号|id|群|频道){0,2}[\s:@]{0,4}([a-z][a-z0-9_]{4,31})(?![a-z0-9])"
        r"|(?:dm|contact|message|text|write|reach|add|to|with|by|from)\s{1,2}@([a-z][a-z0-9_]{4,31})"
        r"(?![a-z0-9.])"
    ),
    ContactKind.EMAIL: re.compile(
        r"([a-z0-9._%+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){0,4}\.[a-z]{2,24})"
    ),
    ContactKind.SHORT_CODE: re.compile(
        r"(?:text|txt|send|reply|sms|call|to|on)\W{1,3}(?:\w{1,20}\W{1,3}){0,3}?(\d{5,6}|0[89]\d{9})(?!\d)"
    ),
}


def find_contacts(text: str) -> list[Contact]:
    """Return the contacts in a normalised text; no two of one kind overlap."""
    if _MAYBE.search(text) is None:
        return []
    return list(_contacts(text))


def _contacts(text: str) -> Iterator[Contact]:
    for kind, pattern in _PATTERNS.items():
        for found in pattern.finditer(text):
            group = found.lastindex or 0
            value = found.group(group)
            if kind is ContactKind.PHONE:
                value = re.sub(r"\D", "", value)
            yield Contact(kind, value, found.start(), found.end())
