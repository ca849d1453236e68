"""Sentences for training, put together from phrases of our own.

The classifier meets every trade, and everyday talk about it, whatever a corpus has.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from services.rules.data import table
from services.rules.evaluation import Row
from steward.blanks import filled

OFFERS: Final = {"zh": 320, "en": 100}
"""Offers made up for each trade: many where corpora know few trades."""

CHATTY: Final = 0.45
"""The share of offers that are worded as friends would."""

SENT: Final = 500
"""Messages of shops that are made up."""

TALKED: Final = {"zh": 3, "en": 1}
"""How often each everyday phrase is used beside others, besides once alone."""

_SEPARATORS: Final = (" ", " ", " ", "，", "，", "  ", "！", "\n", "。", "")
_REMARKS: Final = (
    "哈哈",
    "啊",
    "呢",
    "了",
    "吧",
    "唉",
    "😂",
    "？",
    "。",
    "～",
    "呜呜",
    "说真的",
    "话说",
)
_ENGLISH_REMARKS: Final = (" lol", " haha", "?", " x", "...", " :)", " tbh", "so", "and", "hey")
_ENGLISH_SEPARATORS: Final = (". ", ". ", " ", "! ", ", ", "\n", " - ")
_SEED: Final = 20


def sentences() -> list[Row]:
    """Return the offers and the everyday talk, the same each time."""
    phrases = table("phrases")
    chinese = _Writer("zh", phrases, _REMARKS, _SEPARATORS)
    made = chinese.offers() + chinese.talk() + chinese.shops(_listed(phrases["shops"]))
    made += chinese.reports(_listed(phrases["news"]))
    english = _Writer("en", phrases["english"], _ENGLISH_REMARKS, _ENGLISH_SEPARATORS)
    return made + english.offers() + english.talk()


class _Writer:
    """Puts sentences together."""

    def __init__(
        self,
        spoken: str,
        phrases: dict[str, Any],
        remarks: Sequence[str],
        separators: Sequence[str],
    ) -> None:
        self._offers, self._talked = OFFERS[spoken], TALKED[spoken]
        self._random = Random(_SEED)  # noqa: S311 # nosec B311
        self._remarks, self._separators = remarks, separators
        self._open, self._call, self._frames, self._pitches, self._everyday = (
            _listed(phrases.get(part, "{x}"))
            for part in ("open", "call", "frames", "pitches", "everyday")
        )
        self._trades = {
            trade: {part: _listed(listed) for part, listed in parts.items()}
            for trade, parts in phrases["trades"].items()
        }

    def offers(self) -> list[Row]:
        """Return offers to strangers, of every trade."""
        return [
            Row(self._offer(parts["what"], parts["good"]), "spam")
            for parts in self._trades.values()
            for _ in range(self._offers)
        ]

    def talk(self) -> list[Row]:
        """Return everyday talk, much of it about the same things that are offered."""
        about = [phrase for parts in self._trades.values() for phrase in parts["talk"]]
        spoken = [self._remark(phrase) for phrase in (about + self._everyday) * self._talked]
        spoken += about + self._everyday
        for parts in self._trades.values():
            if len(self._frames) > 1:
                framed = [self._random.choice(self._frames) for _ in parts["what"]]
                things = zip(framed, parts["what"], strict=True)
                spoken += [frame.replace("{x}", thing) for frame, thing in things]
            pairs = [self._random.sample(parts["talk"], 2) for _ in parts["talk"]]
            spoken += [self._joined(pair) for pair in pairs]
        return [Row(text, "ham") for text in spoken]

    def shops(self, phrases: list[str]) -> list[Row]:
        """Return what shops and firms send to many."""
        written = [self._random.sample(phrases, self._random.randrange(1, 5)) for _ in range(SENT)]
        return [Row(self._filled(self._joined(each)), "spam") for each in written]

    def reports(self, phrases: list[str]) -> list[Row]:
        """Return news and posts: each alone, and two together."""
        pairs = [self._joined(self._random.sample(phrases, 2)) for _ in phrases]
        return [Row(text, "ham") for text in (*phrases, *pairs)]

    def _offer(self, what: list[str], good: list[str]) -> str:
        choose = self._random
        if choose.random() < CHATTY:
            pitch = choose.choice(self._pitches)
            pitch = pitch.replace("{x}", choose.choice(what)).replace("{y}", choose.choice(good))
            return self._filled(pitch)
        said = choose.sample(what, choose.choice((1, 1, 1, 2)))
        said += choose.sample(good, choose.choice((0, 1, 1, 2, 2, 3)))
        if choose.random() < 0.35:
            choose.shuffle(said)
        if choose.random() < 0.35:
            said.insert(0, choose.choice(self._open))
        if len(said) == 1 or choose.random() < 0.6:
            said.append(choose.choice(self._call))
        return self._filled(self._joined(said))

    def _remark(self, phrase: str) -> str:
        choose = self._random
        if choose.random() < 0.3:
            return self._joined([phrase, choose.choice(self._everyday)])
        remark = choose.choice(self._remarks)
        return phrase + remark if choose.random() < 0.7 else f"{remark} {phrase}"

    def _joined(self, said: Sequence[str]) -> str:
        return self._random.choice(self._separators).join(said)

    def _filled(self, text: str) -> str:
        return filled(text, self._random)


def _listed(phrases: object) -> list[str]:
    return [phrase.strip() for phrase in str(phrases).split(" / ")]
