"""What a text says, whoever writes it: read, measured and scored once, remembered if it is short.

Much of a chat is the same few words again, and a flood is one text over and over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final

from msgspec import Struct

from services.rules.classifier import classifier, percent
from services.rules.signals import COMMERCIAL, Reading, Value, read
from services.rules.windows import Facet

MOST_REMEMBERED: Final = 2_048
"""Texts whose reading a process remembers: those met last."""
LONGEST_REMEMBERED: Final = 120
"""Characters of a text up to which it is remembered: longer ones seldom come again."""
MOST_VALUES: Final = 4
"""Contacts, and domains, of one text that windows are kept by: the first ones."""

_NO_LETTER: Final = re.compile(r"[\W\d_]+")
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]+")
_ENOUGH_CHINESE: Final = 10
_NEGLIGIBLE: Final = -3.0
"""Logarithm of odds below which an answer is a plain no: 5 %."""


class Written(Struct, frozen=True, gc=False):
    """A text as rules see it. Shared by all events that say it: not to be changed."""

    reading: Reading
    signals: Mapping[str, Value]
    facets: Mapping[Facet, str]
    essence: str
    """What remains of the text without digits, punctuation and decoration."""
    odds: Mapping[str, float]
    """What the classifier says: calibrated logarithms of odds by question."""
    several: Mapping[Facet, Sequence[str]] = {}
    """All values of those facets of which there is more than one, up to `MOST_VALUES`."""


def written(text: str) -> Written:
    """Return a text as rules see it."""
    return _remembered(text) if len(text) <= LONGEST_REMEMBERED else _look(text)


def fingerprint(kind: str, value: str) -> str:
    """Return a short name for something that may be seen again."""
    return f"{kind}:{hashlib.blake2b(value.encode(), digest_size=12).hexdigest()}"


def _look(text: str) -> Written:
    reading = read(text)
    odds = classifier().odds(reading)
    signals = _text_signals(reading.signals)
    for question, each in odds.items():
        if each > _NEGLIGIBLE:
            signals[_QUESTIONS[question]] = percent(each)
    essence = _essence(reading)
    facets = {_FACET: essence} if essence else {}
    several = _NONE
    if reading.contacts or reading.links:
        found = _ways(reading)
        facets.update((facet, values[0]) for facet, values in found.items())
        several = {facet: values for facet, values in found.items() if len(values) > 1}
    return Written(reading, signals, facets, essence, odds, several)


_remembered: Final = lru_cache(MOST_REMEMBERED)(_look)


def _essence(reading: Reading) -> str:
    text, chinese = reading.normal.text, int(reading.signals.get("chinese", 0))
    if chinese == len(text) or (text.isalpha() and chinese < _ENOUGH_CHINESE):
        return text
    if chinese >= _ENOUGH_CHINESE:
        return "".join(_CHINESE.findall(text))
    return _NO_LETTER.sub("", text)


_FACET: Final = Facet.TEXT
_NONE: Final[Mapping[Facet, Sequence[str]]] = {}


def _ways(reading: Reading) -> dict[Facet, Sequence[str]]:
    """Return the contacts and strange domains of a text, each once, in the order they come."""
    contacts = sorted(reading.contacts, key=attrgetter("start"))
    found = {
        Facet.CONTACT: _first(each.value for each in contacts),
        Facet.DOMAIN: _first(link.domain for link in reading.links if not link.known),
    }
    return {facet: values for facet, values in found.items() if values}


def _first(values: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys(values))[:MOST_VALUES]


class _Names(dict[str, str]):
    """The full names of signals."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def __missing__(self, name: str) -> str:
        full = self[name] = f"{self._kind}.{name}"
        return full


_TEXT: Final = _Names("text")
_QUESTIONS: Final = _Names("classifier")
_SUM_OF: Final = {
    **dict.fromkeys(COMMERCIAL, "text.pitch"),
    **dict.fromkeys(("contacts", "strange_links", "short_code"), "text.reach"),
    **dict.fromkeys(("hidden", "gaps", "variants", "split", "digits", "mirrored"), "text.evasions"),
}
"""Signals that others add up."""


def _text_signals(found: Mapping[str, Value]) -> dict[str, Value]:
    signals: dict[str, Value] = {}
    kinds = 0
    for name, value in found.items():
        signals[_TEXT[name]] = value
        if value and (into := _SUM_OF.get(name)) is not None:
            signals[into] = int(signals.get(into, 0)) + int(value)
            kinds += into == "text.pitch"
    if kinds:
        signals["text.pitches"] = kinds
    return signals
