"""Every name that the conditions of a pack may use, with what it is and what it says. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from services.rules.pack_source import PackSource, WindowSource
from services.rules.tenant_words import FAQ_SIGNAL
from services.rules.vocabulary import MEANINGS
from services.rules.windows import Facet
from services.rules.word_lists.lists import SCOPE as LIST
from shared.conditions import FUNCTIONS


class Name(Struct, frozen=True):
    """A name: `type` is `bool`, `int`, `float`, `str` or `function`."""

    name: str
    type: str
    meaning: str


_FAQ: Final = "likeness to the frequent question most like the text, in percent"


def names_of(source: PackSource) -> list[Name]:
    """Return what conditions of a pack may use: signals, the pack's own names, functions."""
    signals = (
        Name(name, type(default).__name__, meaning) for name, (default, meaning) in MEANINGS.items()
    )
    functions = (Name(name, "function", meaning) for name, meaning in FUNCTIONS.items())
    return [*signals, *_own(source), *functions]


def _own(source: PackSource) -> Iterator[Name]:
    yield Name(FAQ_SIGNAL, "int", _FAQ)
    for name in source.lists:
        yield Name(f"{LIST}.{name}", "int", f"words of the operator's list `{name}`")
    for window in source.windows:
        yield Name(f"window.{window.name}", "int", _window(window))
    for pattern in source.patterns:
        yield Name(f"pattern.{pattern.name}", "bool", f"the text matches {pattern.matches}")
    for condition in source.conditions:
        yield Name(f"is.{condition.name}", "bool", condition.when)
    for rule in source.rules:
        yield Name(f"rule.{rule.name}", "bool", f"in composites alone: {rule.because}")


def _window(window: WindowSource) -> str:
    """Return what a window counts, in words."""
    counted = "/".join(window.of) + " events"
    if window.unique is not None:
        counted = f"different {window.unique} of {counted}"
    elif window.per is not None:
        counted = f"{counted} per {window.per}"
    elif window.share:
        counted = f"percent of {counted} with {window.share}"
    where = "" if window.when == "true" else f" where {window.when}"
    over = "all groups of the tenant" if Facet.TENANT in window.by else ""
    kept = [str(facet) for facet in window.by if facet is not Facet.TENANT]
    by = ", by ".join(filter(None, (over, ", ".join(kept))))
    return f"{counted} in {window.span}{where}, {'over' if over else 'by'} {by}"
