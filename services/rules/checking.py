"""Checks what is written in a pack, part by part; errors point at line and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from services.rules.bounds import check_bounds, check_order
from services.rules.compiling import MOST_CHARACTERS, Compiler, cost
from services.rules.located import Located, PackError, refuse
from services.rules.pack_source import Extension, PackSource, WindowSource
from services.rules.patterns import PatternError, Patterns, check_pattern
from services.rules.windows import LONGEST_IN_MEMORY, Facet
from services.rules.word_lists.lists import MOST_LISTS
from shared.condition_types import ConditionError
from shared.conditions import Condition

_SPAN: Final = re.compile(r"(\d{1,9})(s|m|h|d)")
_UNITS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
SHORTEST: Final = 10_000
LONGEST: Final = 86_400_000
MOST_PLACES: Final = 10
"""Places to fill in in one text."""
SHORTEST_APPEAL: Final = 3_600_000
LONGEST_APPEAL: Final = 365 * 86_400_000
"""Spans of windows, ms."""
MOST_LONG: Final = 20
"""Windows longer than an hour: each is a document to be read and written for an event."""
MOST_ACROSS_GROUPS: Final = 8
"""Windows over a whole tenant beside those shipped: each is told to another partition, and read
anew for a batch."""

NAMED_PARTS: Final = (
    "conditions", "windows", "rules", "families", "composites", "patterns", "automations",
)  # fmt: skip
MOST_PARTS: Final = 1_000
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PACK_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")


PLACES: Final = ("name", "member", "answer")
"""What is filled in in the text of an automation."""
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")


def read_source(located: Located) -> PackSource | Extension:
    """Return what is written. Raises `PackError` where its shape is not that of a pack."""
    extends = isinstance(located.value, dict) and "extends" in located.value
    shape: type[PackSource | Extension] = Extension if extends else PackSource
    try:
        return msgspec.convert(located.value, shape)
    except msgspec.ValidationError as error:
        found = _AT.match(str(error))
        message, path = (found["message"], found["path"] or "$") if found else (str(error), "$")
        field = _FIELD.search(message)
        if _SCOPE.search(message):
            message = ACROSS_GROUPS
        raise located.error(message, f"{path}.{field[1]}" if field else path) from error


_AT: Final = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>\$.*?)`)?$", re.DOTALL)
_FIELD: Final = re.compile(r"unknown field `(\w+)`")
_SCOPE: Final = re.compile(r"unknown field `(scope|across)`")
ACROSS_GROUPS: Final = (
    "a window counts within one group, or in all groups of the tenant together if `tenant` is "
    "among what it is kept `by`"
)
"""What is said where it is guessed how a window is to count over a whole tenant."""


def check(
    located: Located,
    written: PackSource | Extension,
    whole: PackSource,
    inherited: PackSource | None,
    compiler: Compiler,
) -> None:
    """Check what is written, with what it inherits, against the whole that it means.

    Raises `PackError`.
    """
    if _PACK_NAME.fullmatch(written.name) is None:
        raise located.error("a name is small letters, digits, `_` and `-`", "$.name")
    _names(located, written)
    conditions = _conditions(located, written, compiler)
    if cost(conditions) > MOST_CHARACTERS:
        message = f"costs too much: conditions of more than {MOST_CHARACTERS} characters"
        raise located.error(message, "$.rules")
    _spans(located, written, whole)
    _policies(located, written)
    _words(located, written)
    _places(located, written)
    check_bounds(located, written)
    check_order(located, "$.thresholds", written.thresholds)
    for i, override in enumerate(written.overrides):
        check_order(located, f"$.overrides[{i}].thresholds", override.thresholds)
    _references(located, written, whole)
    if isinstance(written, Extension) and inherited is not None:
        _inherited(located, written, inherited)


def part_at(kind: str, index: int) -> str:
    """Return the path of a part."""
    return f"$.{kind}[{index}]"


def span_of(written: str) -> int:
    """Return a span such as 30s, 10m, 1h or 7d in milliseconds. Raises `ValueError`."""
    found = _SPAN.fullmatch(written)
    if found is None:
        raise ValueError(f"`{written}` is no span such as 30s, 10m, 1h or 7d")
    return int(found[1]) * _UNITS[found[2]]


def _names(located: Located, written: PackSource | Extension) -> None:
    for kind in NAMED_PARTS:
        seen: set[str] = set()
        for i, part in enumerate(getattr(written, kind)):
            path = f"{part_at(kind, i)}.name"
            if i >= MOST_PARTS:
                raise located.error(f"there are more than {MOST_PARTS} {kind}", path)
            if _NAME.fullmatch(part.name) is None:
                raise located.error("a name is small letters, digits and `_`", path)
            if part.name in seen:
                raise located.error(f"there are two {kind} of the name `{part.name}`", path)
            seen.add(part.name)


def _conditions(
    located: Located, written: PackSource | Extension, compiler: Compiler
) -> list[Condition]:
    made: list[Condition] = []
    wrong: list[PackError] = []
    ways: dict[str, Callable[[Any], Condition]] = {
        "conditions": compiler.named,
        "windows": lambda part: compiler.of_window(part.when),
        "rules": lambda part: compiler.of(part.when),
        "composites": lambda part: compiler.of_composite(part.when),
        "automations": lambda part: compiler.of(part.when),
    }
    for kind, way in ways.items():
        for i, part in enumerate(getattr(written, kind)):
            try:
                made.append(way(part))
            except ConditionError as error:
                path = f"{part_at(kind, i)}.when"
                wrong.append(located.error(error.message, path, error.offset))
    for i, window in enumerate(written.windows):
        try:
            made.append(compiler.of_window(window.share or "true"))
        except ConditionError as error:
            path = f"{part_at('windows', i)}.share"
            wrong.append(located.error(error.message, path, error.offset))
    refuse(wrong)
    return made


def _words(located: Located, written: PackSource | Extension) -> None:
    for i, pattern in enumerate(written.patterns):
        try:
            check_pattern(pattern.matches)
        except PatternError as error:
            raise located.error(str(error), f"{part_at('patterns', i)}.matches") from error
    try:
        Patterns(written.patterns)
    except PatternError as error:
        raise located.error(str(error), "$.patterns") from error
    if len(written.lists) > MOST_LISTS:
        raise located.error(f"there are more than {MOST_LISTS} lists", "$.lists")
    for i, name in enumerate(written.lists):
        if _NAME.fullmatch(name) is None:
            raise located.error("a name is small letters, digits and `_`", f"$.lists[{i}]")
    asked = [ask for each in written.faq for ask in each.ask]
    if len(asked) > MOST_PARTS:
        raise located.error(f"there are more than {MOST_PARTS} questions", "$.faq")


def _spans(located: Located, written: PackSource | Extension, whole: PackSource) -> None:
    for i, window in enumerate(written.windows):
        path = f"{part_at('windows', i)}.span"
        if not SHORTEST <= _span(located, window.span, path) <= LONGEST:
            raise located.error("a window spans 10 s to 24 h", path)
        _facets(located, window, i)
        if sum(map(bool, (window.unique, window.per, window.share))) > 1:
            message = "a window has one of `unique`, `per` and `share`"
            raise located.error(message, part_at("windows", i))
    across = [window for window in written.windows if Facet.TENANT in window.by]
    if len(across) > MOST_ACROSS_GROUPS:
        message = f"more than {MOST_ACROSS_GROUPS} windows count over the whole tenant"
        raise located.error(message, "$.windows")
    within = [window for window in whole.windows if Facet.TENANT not in window.by]
    long = [window for window in within if span_of(window.span) > LONGEST_IN_MEMORY]
    if len(long) > MOST_LONG:
        raise located.error(f"more than {MOST_LONG} windows span over an hour", "$.windows")


def _policies(located: Located, written: PackSource | Extension) -> None:
    if written.escalation is not None:
        _span(located, written.escalation.within, "$.escalation.within")
    if written.campaigns is not None:
        path = "$.campaigns.within"
        if not SHORTEST <= _span(located, written.campaigns.within, path) <= LONGEST_IN_MEMORY:
            raise located.error("a campaign comes within 10 s to 1 h", path)
    if written.appeals is not None:
        for part in ("within", "answer"):
            path = f"$.appeals.{part}"
            span = _span(located, getattr(written.appeals, part), path)
            if not SHORTEST_APPEAL <= span <= LONGEST_APPEAL:
                raise located.error("the deadlines of appeals are 1 h to 365 d", path)


def _places(located: Located, written: PackSource | Extension) -> None:
    """Check that what is to be filled in in a text is something that is."""
    for i, automation in enumerate(written.automations):
        found = _PLACE.findall(automation.text)
        if len(found) > MOST_PLACES:
            message = f"has more than {MOST_PLACES} places to fill in"
            raise located.error(message, f"{part_at('automations', i)}.text")
        wrong = set(found) - set(PLACES)
        for place in sorted(wrong):
            there = ", ".join(f"`{{{each}}}`" for each in PLACES)
            message = f"nothing is filled in for `{{{place}}}`, only for {there}"
            raise located.error(message, f"{part_at('automations', i)}.text")


def _facets(located: Located, window: WindowSource, i: int) -> None:
    """Check that facets make sense together: a group is one group, a tenant all of them."""
    by, path = f"{part_at('windows', i)}.by", f"{part_at('windows', i)}.unique"
    if window.unique is Facet.TENANT:
        raise located.error("there is one tenant: count different values of another facet", path)
    if Facet.TENANT not in window.by:
        if window.unique is Facet.GROUP:
            message = "a window counts within one group: add `tenant` to `by` to count groups"
            raise located.error(message, path)
        return
    for facet in (Facet.GROUP, Facet.MESSAGE):
        if facet in window.by:
            raise located.error(f"a {facet} is of one group: leave `tenant` out", by)


def _span(located: Located, written: str, path: str) -> int:
    try:
        return span_of(written)
    except ValueError as error:
        raise located.error(str(error), path) from error


def _references(located: Located, written: PackSource | Extension, whole: PackSource) -> None:
    """Check that what is overridden, replaced or belonged to is there."""
    own = {rule.name for rule in whole.rules}
    rules = own | {each.name for each in whole.composites}
    parts = rules | {each.name for each in whole.automations}
    for i, override in enumerate(written.overrides):
        _known(located, f"$.overrides[{i}].weights", override.weights, rules)
        _listed(located, f"$.overrides[{i}].disable", override.disable, parts)
    for i, composite in enumerate(written.composites):
        path = part_at("composites", i)
        _listed(located, f"{path}.replaces", composite.replaces, own)
        if composite.name in own:
            raise located.error(f"there is a rule `{composite.name}` too", f"{path}.name")
    families = {"", *(each.name for each in whole.families)}
    for i, rule in enumerate(written.rules):
        if rule.family not in families:
            path = f"{part_at('rules', i)}.family"
            raise located.error(f"there is no family `{rule.family}`", path)


def _inherited(located: Located, written: Extension, inherited: PackSource) -> None:
    """Check that what is disabled or weighted is there."""
    rules = {rule.name for rule in (*inherited.rules, *written.rules)}
    rules |= {each.name for each in (*inherited.composites, *written.composites)}
    automations = {each.name for each in (*inherited.automations, *written.automations)}
    _known(located, "$.weights", written.weights, rules)
    _listed(located, "$.disable", written.disable, rules | automations)


def _known(located: Located, path: str, given: Iterable[str], parts: set[str]) -> None:
    for name in given:
        if name not in parts:
            raise located.error(f"there is no rule `{name}`", f"{path}.{name}")


def _listed(located: Located, path: str, given: Iterable[str], parts: set[str]) -> None:
    for i, name in enumerate(given):
        if name not in parts:
            raise located.error(f"there is no rule `{name}`", f"{path}[{i}]")
