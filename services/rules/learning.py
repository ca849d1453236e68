"""What one tenant's moderators teach: a small linear correction over the shipped weights.

Logistic regression by AdaGrad (Duchi, Hazan & Singer, 2011), one verdict at a
time; each verdict also repeats a few earlier ones, so that few verdicts go far.
Every verdict is foretold before it is learned; where these forecasts part best
is what counts as even odds (prequential evaluation, Dawid, 1984).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from math import exp, sqrt
from typing import Final
from zlib import crc32

from msgspec import Struct

from services.rules.everyday import everyday
from services.rules.features import characters, grams, language, marks
from services.rules.forecasts import even_odds
from services.rules.manner import manner
from services.rules.observation import Observation
from services.rules.rules import RuleSet
from shared.condition_types import Value

RATE: Final = 0.4
DECAY: Final = 1e-5
"""How fast weights are learned, and how much of a weight each repetition takes away."""

REPEATED: Final = 7
"""Earlier verdicts repeated after each new one."""

ACCOMPANYING: Final = {False: 8, True: 2}
"""Everyday messages of an outcome that accompany each verdict while moderators taught none."""
RARER: Final = {False: 1, True: 10}
"""How many times rarer than the other an outcome may be and still needs nothing in its place."""
ENOUGH: Final = 100
"""Verdicts of an outcome from which on nothing stands in for it."""

DOUBT: Final = 1.5
"""How much surer, in logarithms of odds, one has to be where nothing was overturned."""

MOST_LESSONS: Final = 5_000
"""Verdicts that are remembered to be repeated: the latest."""

BUCKETS: Final = 1 << 18
"""Into how many numbers features are hashed: what bounds the weights."""

FORETOLD: Final = 1_000
"""The latest forecasts that even odds are estimated from, and how often, in verdicts, anew."""
ANEW: Final = 25

_STRIDE: Final = 2_654_435_761
"""Knuth's multiplier: spreads the repetitions evenly, and the same way every time."""

_SURE: Final = 6.0
"""The bound of a shipped score that the correction starts from, as a logarithm of odds."""


class Lesson(Struct, frozen=True):
    """A text on which a moderator decided by its content."""

    features: tuple[int, ...]
    each: float
    dense: tuple[float, ...]
    bad: bool


class Learned:
    """A tenant's correction. The same verdicts in the same order give the same weights."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self.weights: dict[int, float] = {}
        self._squares: dict[int, float] = {}
        self._lessons: list[Lesson] = []
        self._foretold: deque[tuple[float, bool]] = deque(maxlen=FORETOLD)
        self._even = 0.0
        self._decided = {False: 0, True: 0}
        self._accompanied = 0
        self.count = 0

    def teach(self, seen: Observation, bad: bool) -> None:
        """Learn from a moderator's verdict on what an event says.

        Only for verdicts on the content: a harmless text that went because its
        writer was banned says nothing about texts.
        """
        if seen.reading is None:
            return
        lesson = lesson_of(self._rules, seen, bad)
        self._foretell(lesson)
        if len(self._lessons) < MOST_LESSONS:
            self._lessons.append(lesson)
        else:
            self._lessons[self.count % MOST_LESSONS] = lesson
        self.count += 1
        self._decided[bad] += 1
        self._step(lesson)
        for n in range(REPEATED):
            self._step(_one_of(self._lessons, self.count * REPEATED + n))
        for outcome, messages in everyday_lessons(self._rules).items():
            self._accompany(outcome, messages)

    def signals(self, seen: Observation) -> dict[str, Value]:
        """Return the signals `classifier.learned` and `classifier.lessons` of an event."""
        if not self.count or seen.reading is None:
            return {}
        odds = self._odds(lesson_of(self._rules, seen, bad=False)) - self._even
        odds -= DOUBT * self._missing(False)
        likely = round(100 * _likely(odds))
        return {"classifier.learned": likely, "classifier.lessons": self.count}

    def _foretell(self, lesson: Lesson) -> None:
        """Note what would have been said of a verdict that was not learned yet."""
        self._foretold.append((self._odds(lesson), lesson.bad))
        if self.count % ANEW == 0:
            self._even = even_odds(self._foretold)
            if self._decided[True] > self._decided[False]:  # what is flagged, not how people talk
                self._even = max(self._even, 0.0)

    def _accompany(self, outcome: bool, messages: Sequence[Lesson]) -> None:
        """Repeat everyday messages in place of an outcome that moderators taught little of."""
        for _ in range(round(ACCOMPANYING[outcome] * self._missing(outcome))):
            self._accompanied += 1
            self._step(_one_of(messages, self._accompanied))

    def _missing(self, outcome: bool) -> float:
        """Return what share of the verdicts of an outcome that there should be is not there."""
        due = min(self._decided[not outcome] / RARER[outcome], ENOUGH)
        return max(due - self._decided[outcome], 0) / due if due else 0.0

    def _odds(self, lesson: Lesson) -> float:
        weights = self.weights
        total = lesson.each * sum([weights.get(f, 0.0) for f in lesson.features if f >= 0])
        total += sum([weights.get(f, 0.0) for f in lesson.features if f < 0])
        for n, value in enumerate(lesson.dense):
            total += value * weights.get(BUCKETS + n, _START[n])
        return total

    def _step(self, lesson: Lesson) -> None:
        slope = _likely(self._odds(lesson)) - lesson.bad
        for feature in lesson.features:
            self._move(feature, slope * (lesson.each if feature >= 0 else 1.0), 0.0)
        for n, value in enumerate(lesson.dense):
            self._move(BUCKETS + n, slope * value, _START[n])

    def _move(self, feature: int, slope: float, start: float) -> None:
        weight = self.weights.get(feature, start)
        slope += DECAY * (weight - start)
        square = self._squares.get(feature, 1e-3) + slope * slope
        self._squares[feature] = square
        self.weights[feature] = weight - RATE * slope / sqrt(square)


_START: Final = (-2.0, 6.0, 1.5, 1.5)
"""Weights before any verdict: of the constant, the rules' risk, the scores for spam and abuse."""


def lesson_of(rules: RuleSet, seen: Observation, bad: bool) -> Lesson:
    """Return what there is to learn from a text that was decided on."""
    reading = seen.reading
    assert reading is not None
    text = characters(reading)
    found = sorted({crc32(gram.encode()) % BUCKETS for gram in grams(text, language(reading))})
    told = (*marks(reading), *manner(reading))
    marked = [-1 - crc32(mark.encode()) % BUCKETS for mark in told]
    risk = rules.judge(seen, {}).verdict.risk
    spam, abuse = (_bounded(seen.odds.get(name, -_SURE)) for name in ("spam", "abuse"))
    features = (*found, *sorted(set(marked)))
    dense = (1.0, risk * 0.6, spam / 10, abuse / 10)
    return Lesson(features, 4 / sqrt(len(found) + 8), dense, bad)


@lru_cache(maxsize=4)
def everyday_lessons(rules: RuleSet) -> dict[bool, list[Lesson]]:
    """Return everyday messages as lessons, by outcome; made once for a rule set."""
    return {
        bad: [lesson_of(rules, seen, bad) for seen in messages]
        for bad, messages in everyday().items()
    }


def _one_of(lessons: Sequence[Lesson], number: int) -> Lesson:
    """Return a lesson: another for each number, spread evenly."""
    turn = number * _STRIDE % (1 << 32)
    return lessons[turn * len(lessons) >> 32]


def _likely(odds: float) -> float:
    return 1 / (1 + exp(-max(min(odds, 30.0), -30.0)))


def _bounded(odds: float) -> float:
    return max(min(odds, _SURE), -_SURE)
