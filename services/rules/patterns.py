"""A tenant's own patterns, by RE2: their time is linear in the text, whatever they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import re2

from services.rules.pack_source import PatternSource

MOST_CHARACTERS: Final = 500
MOST_MEMORY: Final = 1 << 20
"""Bytes that one compiled pattern may take."""
_MOST_SET_MEMORY: Final = 2 << 20
_TEXT_CHARACTERS: Final = 4_000
"""Characters of a text that are looked at."""


class PatternError(ValueError):
    """A pattern cannot be used."""


def check_pattern(pattern: str) -> None:
    """Raise `PatternError` for a pattern that RE2 refuses, that is too large, or catastrophic."""
    if len(pattern) > MOST_CHARACTERS:
        raise PatternError(f"is longer than {MOST_CHARACTERS} characters")
    if _repeats_what_repeats(pattern):
        raise PatternError("repeats without end what already repeats without end")
    try:
        compiled = re2.compile(pattern, _options(MOST_MEMORY))
    except re2.error as error:
        raise PatternError(_message(error)) from None
    if compiled.search("") is not None:
        raise PatternError("matches a text that is empty")


class Patterns:
    """Several checked patterns, looked for in one go."""

    def __init__(self, patterns: Sequence[PatternSource]) -> None:
        self._read = _Set([each for each in patterns if each.in_ == "read"])
        self._written = _Set([each for each in patterns if each.in_ == "written"])

    def found(self, read: str, written: str) -> list[str]:
        """Return the names of the patterns that a text matches, as read or as it was written."""
        return [*self._read.found(read), *self._written.found(written)]


class _Set:
    def __init__(self, patterns: Sequence[PatternSource]) -> None:
        self._names = [each.name for each in patterns]
        self._set = re2.Set.SearchSet(_options(_MOST_SET_MEMORY))
        for each in patterns:
            self._set.Add(each.matches)
        if patterns:
            try:
                self._set.Compile()
            except re2.error:
                raise PatternError("the patterns together take too much memory") from None

    def found(self, text: str) -> list[str]:
        if not self._names:
            return []
        return [self._names[i] for i in self._set.Match(text[:_TEXT_CHARACTERS]) or ()]


def _options(memory: int) -> re2.Options:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    options.case_sensitive = False
    return options


def _message(error: re2.error) -> str:
    told = error.args[0] if error.args else error
    return told.decode(errors="replace") if isinstance(told, bytes) else str(told)


def _repeats_what_repeats(pattern: str) -> bool:
    """Whether a group that ends in an endless repetition is repeated endlessly, as in `(a+)+`.

    RE2 takes no harm, but the same pattern hangs the engines of the platforms
    that it will be copied to, and always says something that was not meant.
    """
    ends_endless = [False]  # of each open group, whether the last thing in it is endless
    in_class, position = False, 0
    closed = False
    while position < len(pattern):
        character = pattern[position]
        just_closed, closed = closed, False
        if in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character == "(":
            ends_endless.append(False)
        elif character == ")" and len(ends_endless) > 1:
            closed = ends_endless.pop()
            ends_endless[-1] = closed
        elif _endless(pattern, position):
            if just_closed:
                return True
            ends_endless[-1] = True
            position = max(position, pattern.find("}", position)) if character == "{" else position
        else:
            ends_endless[-1] = False
        position += 2 if character == "\\" else 1
    return False


def _endless(pattern: str, position: int) -> bool:
    if pattern[position] in "*+":
        return True
    if pattern[position] != "{":
        return False
    count, _, _ = pattern[position + 1 :].partition("}")
    return count.endswith(",") and count[:-1].isdigit()
