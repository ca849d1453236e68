"""What is true of a text, as numbers and words that conditions can use."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from services.rules.contacts import Contact, ContactKind, find_contacts
from services.rules.lexicon import Match, lexicon
from services.rules.links import Link, disguised, find_links
from services.rules.quoting import unquoted
from services.rules.shape import alphabets
from services.rules.text import Normal, normalise
from shared.verdicts import Span

Value = str | int | float | bool

_MONEY: Final = re.compile(
    r"(?<![a-z0-9])(?:[¥$£€]\s?\d|\d[\d,.]{0,14}\s?(?:[-~到至]\s?\d{1,9}\s?)?"
    r"(?:元|块|万|w|k|rmb|美金|美元|刀|米|u|r|usdt|[个枚]?(?:btc|eth|bnb|usdc|trx|doge)|pounds?|dollars?|bucks?|usd|cash|quid|gbp)(?![a-z])|\d{3,9}起)|x元|x万"
    r"|[一二三四五六七八九十百千两](?:块|元|万元)"
    r"|[赚入薪借贷付给转充存返送奖押亏花]了?[一二三四五六七八九两几][百千万](?![\u4e00-\u9fff]|步)"
)
_PERCENT: Final = re.compile(r"\d\s?%|[\dx一二三四五六七八九]折|\d\s?厘|\d\s?分利")
_EMOJI: Final = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")
_HAN: Final = re.compile("[\u4e00-\u9fff]+")
_PLAIN: Final = re.compile("[，。？！、…～]*[\u4e00-\u9fff][\u4e00-\u9fff，。？！、…～ \n]*")
"""Chinese characters and everyday punctuation: what most messages consist of."""
_HIDDEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff](?=[\\w])")
_BLANK: Final = re.compile(r"\s")
_SHOUT: Final = re.compile(r"[A-Z]{3,}")
_HEADED: Final = re.compile(r"\A\s*(?:[【《]|\[(?!\w{1,6}[:\]]))|【[^】]{2,12}】\s*\Z")
_BRACKET: Final = re.compile(r"[\[【《]")
_AMOUNT: Final = re.compile(r"[\d元块折千万]")
_PICTURE: Final = re.compile("[\u00ad\u200b-\u2064\u2600-\u27bf\ufeff\U0001f300-\U0001faff]")

COMMERCIAL: Final = (
    "advert", "microbusiness", "resale", "estate", "job", "loan", "invest", "course", "company",
    "invite", "redpacket", "cheat", "trader", "underground",
)  # fmt: skip
"""The lexicon's categories that `text.pitch` adds up: what sellers write."""

ENTROPY: Final = "entropy"
SCRIPT: Final = "script"
LANGUAGE: Final = "language"
MENTIONS: Final = "mentions"
"""Signals that are not measured for every text: see `measures`."""

TEXT_SIGNALS: Final[dict[str, tuple[Value, str]]] = {
    "length": (0, "characters that are no blanks"),
    "chinese": (0, "Chinese characters"),
    "emoji": (0, "emoji and other pictures"),
    "emoji_share": (0, "share of emoji in the characters that are no blanks, in percent"),
    ENTROPY: (0, "Shannon's entropy of the characters as read, in tenths of a bit a character"),
    "scripts": (0, "scripts of its letters: Latin, Chinese, Cyrillic, Greek, all others as one"),
    SCRIPT: ("", "script of most of its words, in ISO 15924: Hani, Latn, Cyrl, Jpan, Kore …"),
    LANGUAGE: ("", "its language, in ISO 639-1 (zh, en, ja …); empty where it cannot be told"),
    "mixed_words": (0, "words of Latin letters and such of another script that look like Latin"),
    "shouts": (0, "words of three or more capital letters"),
    "exclamations": (0, "exclamation marks"),
    "money": (0, "sums of money"),
    "percents": (0, "percentages, rebates and rates of interest"),
    "headed": (False, "begins or ends with a sender's name in brackets, as bulk messages do"),
    "contacts": (0, "contacts of all kinds, e-mail addresses left out"),
    "wechat": (0, "WeChat ids"),
    "qq": (0, "QQ numbers and groups"),
    "phone": (0, "telephone numbers"),
    "telegram": (0, "Telegram names and links"),
    "email": (0, "e-mail addresses"),
    "short_code": (0, "premium-rate numbers and short codes to call or text"),
    "links": (0, "links"),
    "strange_links": (0, "links to domains that members do not share every day"),
    "short_links": (0, "links that hide where they lead"),
    "disguised_links": (0, "links that show another domain than the one they lead to"),
    "quoted_insults": (0, "insulting words in quotation marks, which count nowhere else"),
    MENTIONS: (0, "names called with @ in its words"),
    "hidden": (0, "invisible characters inside words"),
    "mirrored": (0, "lines written backwards"),
    "gaps": (0, "gaps closed between characters that stand one by one"),
    "variants": (
        0,
        "homophones, look-alikes, pinyin and digits for letters, as read",
    ),
    "split": (0, "characters that were taken apart"),
    "digits": (0, "numbers written in Chinese characters"),
}
"""The signals of a text besides the lexicon's categories: default, meaning."""

_LISTED: Final = {
    ContactKind.WECHAT,
    ContactKind.QQ,
    ContactKind.PHONE,
    ContactKind.TELEGRAM,
}


_STANDS_FOR: Final = {
    "pitch": frozenset(COMMERCIAL),
    "pitches": frozenset(COMMERCIAL),
    "reach": frozenset({"contacts", "strange_links", "short_code"}),
}
"""What the signals that add others up were seen in."""


MOST_SPANS: Final = 50
"""Stretches of one text that are shown; the first ones."""


class Reading(Struct, frozen=True, gc=False):
    """A text that was read: what was found in it, and the signals that differ from the default."""

    normal: Normal
    matches: list[Match]
    contacts: list[Contact]
    links: list[Link]
    signals: dict[str, Value]

    def spans(self, seen: set[str]) -> list[Span]:
        """Return where in the original the given signals were seen."""
        seen = seen.union(*(_STANDS_FOR[name] for name in seen & _STANDS_FOR.keys()))
        found = [(m.start, m.end, m.category) for m in self.matches if m.category in seen]
        if seen & {"contacts", *_LISTED, "email", "short_code"}:
            found += [(c.start, c.end, c.kind.value) for c in self.contacts]
        if seen & {"links", "strange_links", "short_links"}:
            found += [(link.start, link.end, "link") for link in self.links]
        return self.normal.spans(sorted(set(found))[:MOST_SPANS])


def read(original: str) -> Reading:
    """Read a text and measure it."""
    normal = normalise(original)
    text = normal.text
    matches, quoted = unquoted(normal, lexicon().find(text))
    contacts = find_contacts(text)
    links = find_links(text)
    signals: dict[str, Value] = {}
    _shape(normal, signals)
    if quoted:
        signals["quoted_insults"] = quoted
    for match in matches:
        signals[match.category] = int(signals.get(match.category, 0)) + 1
    for contact in contacts:
        _count(signals, contact.kind.value, 1)
        _count(signals, "contacts", int(contact.kind in _LISTED))
    _count_links(links, signals)
    if links and (hiding := disguised(text, links)):
        signals["disguised_links"] = hiding
    return Reading(normal, matches, contacts, links, signals)


def _count(signals: dict[str, Value], name: str, more: int) -> None:
    if more:
        signals[name] = int(signals.get(name, 0)) + more


def _count_links(links: list[Link], signals: dict[str, Value]) -> None:
    if links:
        signals["links"] = len(links)
        signals["strange_links"] = sum(not link.known for link in links)
        signals["short_links"] = sum(link.short for link in links)


def _shape(normal: Normal, signals: dict[str, Value]) -> None:
    original, text = normal.original, normal.text
    signals["length"] = len(text) - text.count(" ")
    if not text.isascii() and (chinese := sum(map(len, _HAN.findall(text)))):
        signals["chinese"] = chinese
    if _AMOUNT.search(text):
        for name, pattern in _COUNTED.items():
            _count_found(signals, name, pattern.findall(text))
    if _PLAIN.fullmatch(original):
        signals["scripts"] = 1
        if exclamations := original.count("！"):
            signals["exclamations"] = exclamations
    else:
        _count_writing(original, signals)
    if normal.layers:
        _count_edits(normal, signals)


_COUNTED: Final = {"money": _MONEY, "percents": _PERCENT}
_WHY: Final = {
    "gap": "gaps",
    "words": "variants",
    "leet": "variants",
    "name": "variants",
    "split": "split",
    "digits": "digits",
    "mirror": "mirrored",
}


def _count_writing(original: str, signals: dict[str, Value]) -> None:
    scripts, mixed = alphabets(original)
    if scripts:
        signals["scripts"] = scripts
    if mixed:
        signals["mixed_words"] = mixed
    exclamations = original.count("!") + original.count("！")
    if exclamations:
        signals["exclamations"] = exclamations
    if _BRACKET.search(original) and _HEADED.search(original):
        signals["headed"] = True
    _count_found(signals, "shouts", _SHOUT.findall(original))
    if not original.isascii() and _PICTURE.search(original):
        _count_found(signals, "emoji", _EMOJI.findall(original))
        _count_found(signals, "hidden", _HIDDEN.findall(original))
        if "emoji" in signals:
            size = len(original) - len(_BLANK.findall(original))
            _count(signals, "emoji_share", 100 * int(signals["emoji"]) // size)


def _count_found(signals: dict[str, Value], name: str, found: list[str]) -> None:
    if found:
        signals[name] = len(found)


def _count_edits(normal: Normal, signals: dict[str, Value]) -> None:
    for layer in normal.layers:
        for edit in layer.edits:
            name = _WHY.get(edit.why)
            if name:
                _count(signals, name, 1)
