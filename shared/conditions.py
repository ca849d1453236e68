"""Conditions of rules and segments: CEL over named signals, checked before they are used.

`text.links > 0` is compiled as `text_links > 0`: one flat variable for each
signal is a third of the cost of nested maps, and a length that keeps columns.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Final

import cel

from shared.condition_looks import Looks
from shared.condition_types import TOKEN, ConditionError, Signals, Value, check_types

FUNCTIONS: Final[Mapping[str, str]] = {
    "size": "how many characters a string has, or entries a list: size(event.type)",
    "contains": "whether a string has another in it: event.type.contains('post')",
    "startsWith": "whether a string begins with another: event.type.startsWith('message')",
    "endsWith": "whether a string ends with another: event.type.endsWith('posted')",
    "int": "a number without its fraction: int(2.7) is 2",
    "double": "a number with a fraction: double(2) is 2.0",
    "string": "a value as it is written: string(2) is '2'",
}
"""Functions that a condition may call, and what each gives. All take time linear in a signal's
size."""

_WORDS: Final = frozenset({"true", "false", "in"})
_SYNTAX: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_MOST_CHARACTERS: Final = 1_000
DEEPEST: Final = 60
"""Brackets within brackets, written out; CEL reads 96, and conditions are joined in a list."""
_BRACKETS: Final = re.compile(r"[()\[\]{}]")
MOST_WRITTEN_OUT: Final = 8_000
"""Characters of a condition, with the named conditions in it written out."""


class Condition:
    """A checked condition; `names` are the signals that it reads (`text.links`)."""

    def __init__(self, source: str, defaults: Signals, named: Mapping[str, Condition] = {}) -> None:
        """Check `source` against the signals that there are, by their default values.

        `named` are conditions that it may use as truth values, by their full
        names (`is.seller`). Raises `ConditionError` for a syntax error, a name
        that there is not, types that do not fit, or a value that may fail.
        """
        if len(source) > _MOST_CHARACTERS:
            raise ConditionError(f"is longer than {_MOST_CHARACTERS} characters", 0)
        self._read(source, defaults, named)
        truths = dict.fromkeys(named, True)
        written, _ = _flatten(source, {**defaults, **truths})
        _compile(written)
        values = {flat(name): value for name, value in {**defaults, **truths}.items()}
        try:
            check_types(written, values)
        except RecursionError:
            raise ConditionError("is nested too deeply", 0) from None
        _probe(self.flat, self.names, defaults)

    @classmethod
    def trusted(
        cls, source: str, defaults: Signals, named: Mapping[str, Condition] = {}
    ) -> Condition:
        """Return a condition that was checked before, without checking it again.

        Raises `ConditionError` for a name that there is no more.
        """
        condition = cls.__new__(cls)
        condition._read(source, defaults, named)
        return condition

    def _read(self, source: str, defaults: Signals, named: Mapping[str, Condition]) -> None:
        self.source = source
        self.flat, names = _flatten(source, {**defaults, **dict.fromkeys(named, True)})
        self.names = tuple(name for name in names if name not in named)
        used = [name for name in names if name in named]
        for name in used:
            self._write_out(name, named[name], defaults)
        if len(self.flat) > MOST_WRITTEN_OUT:
            raise ConditionError(f"with {used[0]} written out is too long", 0)
        if _depth(self.flat) > DEEPEST:
            raise ConditionError("is nested too deeply", 0)

    def _write_out(self, name: str, meant: Condition, defaults: Signals) -> None:
        unknown = next((each for each in meant.names if each not in defaults), None)
        if unknown is not None:
            message = f"`{name}` uses `{unknown}`, which is not known here"
            raise ConditionError(message, max(self.source.find(name), 0))
        if len(self.flat) * (1 + len(meant.flat)) > _MOST_CHARACTERS * MOST_WRITTEN_OUT:
            raise ConditionError(f"with {name} written out is too long", 0)
        self.flat = _replaced(self.flat, flat(name), f"({meant.flat})")
        self.names = tuple(dict.fromkeys((*self.names, *meant.names)))


def _depth(source: str) -> int:
    """Return how deep brackets are nested, those in strings counted as well."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(source):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    return deepest


def _replaced(source: str, variable: str, by: str) -> str:
    return TOKEN.sub(lambda token: by if token["name"] == variable else token.group(), source)


def flat(name: str) -> str:
    """Return the CEL variable that holds a signal."""
    return name.replace(".", "_")


class Conditions:
    """Several conditions evaluated in one go, and remembered.

    Most events look alike to conditions: what a number is compared with divides
    its values into few classes, and what holds for one value of a class holds
    for all. So most answers are known, and CEL is asked for new ones only. Not
    to be shared between threads.
    """

    def __init__(self, conditions: Sequence[Condition], defaults: Signals) -> None:
        self._single = [condition.flat for condition in conditions]
        parts = ",\n".join(f"({source}\n)" for source in self._single)
        self._program = cel.compile(f"[{parts}]") if conditions else None
        names = {name for condition in conditions for name in condition.names}
        variables = {name: (flat(name), defaults[name]) for name in names}
        self._look = Looks(variables, self._single).__getitem__
        self._board = Board({name: defaults[name] for name in names})
        self._known: dict[tuple[int, ...], tuple[int, ...]] = {}

    def holding(self, *signals: Signals) -> tuple[int, ...]:
        """Return the numbers of the conditions that hold; signals not given have their defaults."""
        if self._program is None:
            return ()
        looks: list[int] = []
        for some in signals:
            if some:
                looks += map(self._look, some.items())
        key = tuple(filter(None, looks))
        held = self._known.get(key)
        if held is None:
            held = self._evaluate(signals)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = held
        return held

    def _evaluate(self, signals: Sequence[Signals]) -> tuple[int, ...]:
        self._board.show({name: value for some in signals for name, value in some.items()})
        try:
            held = self._program.execute(self._board.context) if self._program else []
        except _FAILURES:  # an overflow: the others are still to be judged
            held = [self._holds(source) for source in self._single]
        return tuple(i for i, holds in enumerate(held) if holds)

    def _holds(self, source: str) -> bool:
        try:
            return bool(cel.compile(source).execute(self._board.context))
        except _FAILURES:
            return False


_MOST_KNOWN: Final = 10_000


class Board:
    """The values of some signals, for a program to read.

    Its context is kept from one event to the next, and only what differs is set.
    """

    def __init__(self, defaults: Signals) -> None:
        self._variables = {name: flat(name) for name in defaults}
        self._defaults = dict(defaults)
        self.context = cel.Context({flat(name): value for name, value in defaults.items()})
        self._shown: set[str] = set()

    def show(self, signals: Signals) -> None:
        """Set the signals that it has, and all others to their defaults."""
        for name in self._shown - signals.keys():
            self.context.add_variable(self._variables[name], self._defaults[name])
        self._shown = signals.keys() & self._variables.keys()
        for name in self._shown:
            self.context.add_variable(self._variables[name], signals[name])


def _flatten(source: str, defaults: Signals) -> tuple[str, tuple[str, ...]]:
    names: dict[str, None] = {}

    def replace(token: re.Match[str]) -> str:
        word = token["name"]
        if not word or (token["field"] is None and (word in FUNCTIONS or word in _WORDS)):
            return token.group()
        name = f"{word}.{token['field']}" if token["field"] else word
        if name not in defaults:
            raise ConditionError(_unknown(name, defaults), token.start())
        names[name] = None
        return flat(name)

    return TOKEN.sub(replace, source), tuple(names)


_FAILURES: Final = (TypeError, RuntimeError, KeyError, ValueError, OverflowError, IndexError)
_LARGE: Final = 1 << 31


def _probe(source: str, names: Sequence[str], defaults: Signals) -> None:
    """Refuse a condition that fails for values that are not those by default."""
    for numbers, text in ((_LARGE, ""), (1, "1")):
        values = {flat(name): _other(defaults[name], numbers, text) for name in names}
        try:
            cel.compile(source).execute(values)
        except _FAILURES as error:
            message = str(error).splitlines()[0][:120]
            raise ConditionError(f"may fail: {message}", 0) from error


def _other(value: Value, number: int, text: str) -> Value:
    if isinstance(value, bool):
        return not value
    return text if isinstance(value, str) else type(value)(number)


def _unknown(name: str, defaults: Signals) -> str:
    near = difflib.get_close_matches(name, [*defaults, *FUNCTIONS], n=1)
    return f"there is no `{name}`" + (f"; is `{near[0]}` meant?" if near else "")


def _compile(source: str) -> cel.Program:
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise _syntax_error(source, str(error)) from error
    called = set(program.references()["functions"])
    for operator in ("_/_", "_%_"):
        if operator in called:
            offset = source.find(operator[1])
            raise ConditionError("division may fail: compare products instead", offset)
    return program


def _syntax_error(source: str, report: str) -> ConditionError:
    found = _SYNTAX.search(report)
    if found is None:
        return ConditionError(report.splitlines()[0], 0)
    line, column, message = int(found[1]), int(found[2]), found[3]
    lines = source.splitlines(keepends=True)
    offset = sum(map(len, lines[: line - 1])) + column - 1
    return ConditionError(message[:200], min(offset, max(len(source.rstrip()) - 1, 0)))
