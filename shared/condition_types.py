"""Whether the types of a condition fit, told before it is ever used. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import cel

Value = str | int | float | bool
Signals = Mapping[str, Value]

TOKEN: Final = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?P<comment>//[^\n]*)"""
    r"|(?P<name>[A-Za-z_]\w*)(?:\.(?P<field>[A-Za-z_]\w*)(?!\s*\())?|(?P<number>\d[\w.]*)"
)
"""Strings, comments, names with their field, and numbers of a condition."""


class ConditionError(ValueError):
    """A condition cannot be used: what is wrong, and at which of its characters."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message, self.offset = message, offset


def check_types(source: str, values: Signals) -> None:
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
            token = TOKEN.match(text, position)
            position = token.end() if token else position + 1
            continue
        depth += (text[position] in "([{") - (text[position] in ")]}")
        yield position, depth
        position += 1


def _closing(text: str) -> int:
    return next((at for at, depth in _outside_strings(text) if depth == 0), -1)
