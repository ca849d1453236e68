"""What a member or a group talks about: the words that weigh most, fading with time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Final

from msgspec import Struct

HALF_LIFE: Final = 60
"""Days after which a word weighs half."""
KEPT: Final = 60
"""Words that are kept; when one more comes, the lightest goes."""
TOP: Final = 10
"""Words by which members and groups are found."""
LEAST_WEIGHT: Final = 1.5
"""What a word must weigh to be an interest: more than one mention."""


class Interests(Struct, frozen=True, omit_defaults=True, gc=False):
    """Words and their weights as of `day`: one for each message that has the word.

    Exact, and whatever the order of messages, up to `KEPT` words; beyond that the
    light ones are forgotten first.
    """

    words: dict[str, float] = {}
    day: int = 0

    def record(self, words: Iterable[str], day: int, sign: int) -> Interests:
        """Return the interests with a message of `day` counted (1) or taken back (-1)."""
        known = self.until(day)
        kept = dict(known.words)
        worth = sign * 2.0 ** ((day - known.day) / HALF_LIFE)
        for word in words:
            kept[word] = kept.get(word, 0.0) + worth
            if abs(kept[word]) < 1e-9:
                del kept[word]
        while len(kept) > KEPT:
            del kept[min(kept, key=lambda word: (abs(kept[word]), word))]
        return Interests(kept, known.day)

    def until(self, day: int) -> Interests:
        """Return the interests with the weights of `day`, if that is later."""
        if day <= self.day or not self.words:
            return Interests(self.words, max(day, self.day))
        fade = 2.0 ** ((self.day - day) / HALF_LIFE)
        return Interests({word: weight * fade for word, weight in self.words.items()}, day)

    @property
    def top(self) -> list[str]:
        """The words that weigh most, if they were mentioned more than once, heaviest first."""
        heavy = [(weight, word) for word, weight in self.words.items() if weight >= LEAST_WEIGHT]
        return [word for _, word in sorted(heavy, key=lambda each: (-each[0], each[1]))[:TOP]]


def merged(parts: Iterable[Interests]) -> Interests:
    """Return the interests of several groups put together, as of the latest day."""
    parts = list(parts)
    day = max((part.day for part in parts), default=0)
    words: dict[str, float] = {}
    for part in parts:
        for word, weight in part.until(day).words.items():
            words[word] = words.get(word, 0.0) + weight
    return Interests(words, day)


class Likeness(Struct, frozen=True):
    """How alike two are in what they talk about: 0 to 1, and the words that they share.

    `parts` are what each of the words adds to the score, the most first.
    """

    score: float
    parts: list[tuple[str, float]]

    @property
    def shared(self) -> list[str]:
        """The words that both talk about, the most telling first."""
        return [word for word, _ in self.parts]


def likeness(one: Interests, other: Interests, rarity: Mapping[str, float]) -> Likeness:
    """Return the cosine of two vectors of words, each the root of its weight times its rarity.

    (Salton and McGill 1983.) The root keeps who says one word all day from being all about it.
    """
    left, right = _vector(one, rarity), _vector(other, rarity)
    products = {word: left[word] * right[word] for word in left.keys() & right.keys()}
    length = sqrt(sum(x * x for x in left.values()) * sum(x * x for x in right.values()))
    if not products or not length:
        return Likeness(0.0, [])
    shared = sorted(products, key=lambda word: (-products[word], word))
    parts = [(word, products[word] / length) for word in shared[:TOP]]
    return Likeness(min(1.0, sum(products.values()) / length), parts)


def _vector(interests: Interests, rarity: Mapping[str, float]) -> dict[str, float]:
    return {
        word: sqrt(interests.words[word]) * rarity.get(word, 1.0)
        for word in interests.top
        if interests.words[word] > 0
    }
