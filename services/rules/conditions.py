"""Conditions of rules: CEL over named signals, checked before they are ever used.

`text.links > 0` is compiled as `text_links > 0`: one flat variable for each
signal is a third of the cost of nested maps, and a length that keeps columns.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import cel

Value = str | int | float | bool
Signals = Mapping[str, Value]

FUNCTIONS: Final = frozenset(
    {"size", "contains", "startsWith", "endsWith", "int", "double", "string"}
)
"""Functions that a condition may call. All take time linear in a signal's size."""

_WORDS: Final = frozenset({"true", "false", "in"})
_TOKEN: Final = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?P<comment>//[^\n]*)"""
    r"|(?P<name>[A-Za-z_]\w*)(?:\.(?P<field>[A-Za-z_]\w*)(?!\s*\())?|(?P<number>\d[\w.]*)"
)
_SYNTAX: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_MOST_CHARACTERS: Final = 1_000


class ConditionError(ValueError):
    """A condition cannot be used: what is wrong, and at which of its characters."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message, self.offset = message, offset


class Condition:
    """A checked condition; `names` are the signals that it reads (`text.links`)."""

    def __init__(self, source: str, defaults: Signals) -> None:
        """Check `source` against the signals that there are, by their default values.

        Raises `ConditionError` for a syntax error, a name that there is not, or
        types that do not fit.
        """
        if len(source) > _MOST_CHARACTERS:
            raise ConditionError(f"is longer than {_MOST_CHARACTERS} characters", 0)
        self.source = source
        self.flat, self.names = _flatten(source, defaults)
        _compile(self.flat)
        _check(self.flat, {flat(name): value for name, value in defaults.items()})


def flat(name: str) -> str:
    """Return the CEL variable that holds a signal."""
    return name.replace(".", "_")


class Conditions:
    """Several conditions evaluated in one go."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        parts = ",\n".join(f"({condition.flat}\n)" for condition in conditions)
        self._program = cel.compile(f"[{parts}]") if conditions else None

    def holding(self, context: cel.Context) -> list[int]:
        """Return the numbers of the conditions that hold."""
        if self._program is None:
            return []
        held: list[bool] = self._program.execute(context)
        return [i for i, holds in enumerate(held) if holds]


class Board:
    """The values of all signals, for conditions to read.

    Its context is kept from one event to the next, and only what differs is
    set: not to be shared between threads.
    """

    def __init__(self, defaults: Signals) -> None:
        self._variables = {name: flat(name) for name in defaults}
        self._defaults = dict(defaults)
        self.context = cel.Context({flat(name): value for name, value in defaults.items()})
        self._shown: set[str] = set()

    def show(self, signals: Signals) -> None:
        """Set these signals, and all others to their defaults."""
        for name in self._shown - signals.keys():
            self.context.add_variable(self._variables[name], self._defaults[name])
        self._shown = set()
        self.add(signals)

    def add(self, signals: Signals) -> None:
        """Set these signals; all others stay as they are."""
        for name, value in signals.items():
            self.context.add_variable(self._variables[name], value)
        self._shown.update(signals)


def _flatten(source: str, defaults: Signals) -> tuple[str, tuple[str, ...]]:
    names: dict[str, None] = {}

    def replace(token: re.Match[str]) -> str:
        word = token["name"]
        if not word or (token["field"] is None and word in FUNCTIONS | _WORDS):
            return token.group()
        name = f"{word}.{token['field']}" if token["field"] else word
        if name not in defaults:
            raise ConditionError(_unknown(name, defaults), token.start())
        names[name] = None
        return flat(name)

    return _TOKEN.sub(replace, source), tuple(names)


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


def _check(source: str, values: Signals) -> None:
    """Check the types of a condition part by part, as no part's truth hides another's error."""
    for start, part in _parts(source, 0):
        sides = _comparison(part)
        if sides is None:
            _require_bool(_value(part, values, start), start)
            continue
        operator, right_start = sides
        left = _value(part[: operator[0]], values, start)
        right = _value(part[right_start:], values, start + right_start)
        if not _comparable(left, right, part[operator[0] : operator[1]].strip()):
            message = f"a {_kind(left)} cannot be compared with a {_kind(right)}"
            raise ConditionError(message, start)
        _require_bool(_value(part, values, start), start)


def _value(part: str, values: Signals, start: int) -> object:
    lead = len(part) - len(part.lstrip())
    try:
        return cel.compile(part).execute(dict(values))
    except (TypeError, RuntimeError, KeyError, ValueError) as error:
        message = str(error).split(":", 1)[0].splitlines()[0]
        raise ConditionError(f"types do not fit: {message}", start + lead) from error


def _require_bool(value: object, start: int) -> None:
    if not isinstance(value, bool):
        raise ConditionError(f"is a {_kind(value)} where true or false is needed", start)


def _kind(value: object) -> str:
    names = {bool: "truth value", int: "number", float: "number", str: "string", list: "list"}
    return names.get(type(value), type(value).__name__)


def _comparable(left: object, right: object, operator: str) -> bool:
    if operator == "in":
        return isinstance(right, list) and all(_kind(item) == _kind(left) for item in right)
    return _kind(left) == _kind(right)


_COMPARED: Final = re.compile(r"==|!=|<=|>=|<|>|\bin\b")


def _comparison(part: str) -> tuple[tuple[int, int], int] | None:
    for position, depth in _outside_strings(part):
        if depth == 0:
            found = _COMPARED.match(part, position)
            if found and (found.group() != "in" or part[position - 1].isspace()):
                return (found.start(), found.end()), found.end()
    return None


def _parts(source: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield the operands of `&&`, `||` and `!`, however deep in brackets, and where they stand."""
    text = source.strip()
    start += len(source) - len(source.lstrip())
    cut = next(
        (
            at
            for at, depth in _outside_strings(text)
            if depth == 0 and text[at : at + 2] in ("&&", "||")
        ),
        None,
    )
    if cut is not None:
        yield from _parts(text[:cut], start)
        yield from _parts(text[cut + 2 :], start + cut + 2)
    elif text.startswith("!"):
        yield from _parts(text[1:], start + 1)
    elif text.startswith("(") and _closing(text) == len(text) - 1:
        yield from _parts(text[1:-1], start + 1)
    else:
        yield start, text


def _outside_strings(text: str) -> Iterator[tuple[int, int]]:
    """Yield the positions outside of string literals, with the depth of brackets there."""
    depth, position = 0, 0
    while position < len(text):
        if text[position] in "'\"":
            token = _TOKEN.match(text, position)
            position = token.end() if token else position + 1
            continue
        depth += (text[position] in "([{") - (text[position] in ")]}")
        yield position, depth
        position += 1


def _closing(text: str) -> int:
    return next((at for at, depth in _outside_strings(text) if depth == 0), -1)
