"""Makes a pack's conditions: each checked where it is written, or trusted if it was before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from services.rules.pack_source import NamedCondition, PackSource
from services.rules.tenant_words import own_defaults
from services.rules.vocabulary import SIGNALS, window_defaults
from services.rules.weighing import rule_defaults
from shared.condition_types import TOKEN, ConditionError, Signals
from shared.conditions import Condition

Compile = Callable[[str, Signals, Mapping[str, Condition]], Condition]
MOST_CHARACTERS: Final = 60_000
"""What a pack may cost: characters of its conditions, with named conditions written out."""


class Compiler:
    """The conditions of one pack. `known` are conditions that need no check, by their source."""

    def __init__(
        self, source: PackSource, compile: Compile, known: Mapping[str, Condition]
    ) -> None:
        self._early = {**SIGNALS, **own_defaults(source)}
        windows = window_defaults(window.name for window in source.windows)
        self.defaults = {**self._early, **windows}
        self._rules = rule_defaults([rule.name for rule in source.rules])
        self._compile = compile
        self._known = dict(known)
        self._written = {f"is.{each.name}": each for each in source.conditions}
        self._named: dict[str, Condition] = {}

    def named(self, part: NamedCondition) -> Condition:
        """Return the condition that `part` names. Raises `ConditionError`."""
        return self._of_name(f"is.{part.name}", ())

    def of(self, when: str) -> Condition:
        """Return a condition of a rule or an automation. Raises `ConditionError`."""
        return self._made(when, self.defaults, ())

    def of_window(self, when: str) -> Condition:
        """Return the condition of a window: it cannot see windows. Raises `ConditionError`."""
        return self._made(when, self._early, ())

    def of_composite(self, when: str) -> Condition:
        """Return the condition of a composite: it sees rules only. Raises `ConditionError`."""
        return self._known.get(when) or self._compile(when, self._rules, {})

    def _made(self, when: str, defaults: Signals, path: tuple[str, ...]) -> Condition:
        known = self._known.get(when)
        if known is not None and all(name in defaults for name in known.names):
            return known
        used = {name: self._of_name(name, path) for name in self._used(when)}
        return self._compile(when, defaults, used)

    def _of_name(self, name: str, path: tuple[str, ...]) -> Condition:
        if name in path:
            message = f"`{name}` leads back to itself: {' → '.join((*path, name))}"
            raise ConditionError(message, 0)
        if name not in self._named:
            when = self._written[name].when
            self._named[name] = self._made(when, self.defaults, (*path, name))
        return self._named[name]

    def _used(self, when: str) -> Iterable[str]:
        tokens = (f"{found['name']}.{found['field']}" for found in TOKEN.finditer(when))
        return [name for name in dict.fromkeys(tokens) if name in self._written]


def cost(conditions: Iterable[Condition]) -> int:
    """Return how many characters these conditions have, written out."""
    return sum(len(condition.flat) for condition in conditions)
