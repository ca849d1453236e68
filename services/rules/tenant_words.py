"""What a tenant's own words add to the signals of an event: patterns and frequent questions."""

from __future__ import annotations

from typing import Final

from services.rules.observation import Observation, text_of
from services.rules.pack_source import PackSource
from services.rules.patterns import Patterns
from services.rules.similarity import Questions
from services.rules.word_lists.lists import SCOPE as LIST
from shared.condition_types import Value

FAQ_SIGNAL: Final = "faq.similarity"
_NOTHING: Final[dict[str, Value]] = {}


class TenantWords:
    """The patterns and questions of one pack."""

    def __init__(self, source: PackSource) -> None:
        self._answers = [each.answer for each in source.faq]
        self._patterns = Patterns(source.patterns) if source.patterns else None
        questions = [(ask, n) for n, each in enumerate(source.faq) for ask in each.ask]
        self._questions = Questions(questions) if questions else None
        self.idle = not (source.patterns or questions)
        self._latest: tuple[Observation, dict[str, Value], str] | None = None

    def signals(self, seen: Observation) -> dict[str, Value]:
        """Return the signals `pattern.…` and `faq.similarity` of an event; not to be changed."""
        if self.idle or seen.reading is None:
            return _NOTHING
        if self._latest is None or self._latest[0] is not seen:
            self._latest = (seen, *self._look(seen))
        return self._latest[1]

    def answer(self, seen: Observation) -> str:
        """Return the answer to the question most like what an event says."""
        self.signals(seen)
        return self._latest[2] if self._latest and self._latest[0] is seen else ""

    def _look(self, seen: Observation) -> tuple[dict[str, Value], str]:
        assert seen.reading is not None
        read, found, answer = seen.reading.normal.text, dict[str, Value](), ""
        if self._patterns is not None:
            names = self._patterns.found(read, text_of(seen.event))
            found.update((f"pattern.{name}", True) for name in names)
        if self._questions is not None:
            known = self._questions.nearest(read)
            if known.similarity:
                found[FAQ_SIGNAL] = known.similarity
                answer = self._answers[known.number]
        return found, answer


def own_defaults(source: PackSource) -> dict[str, Value]:
    """Return the signals of a pack's own words and lists, with their values for nothing found."""
    patterns = {f"pattern.{each.name}": False for each in source.patterns}
    return {**patterns, **{f"{LIST}.{name}": 0 for name in source.lists}, FAQ_SIGNAL: 0}
