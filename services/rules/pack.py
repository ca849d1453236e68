"""A rule pack as it is written: read from YAML and checked before anything uses it."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from typing import Final, Literal

import msgspec
from msgspec import Struct

from services.rules.located import Located, PackError
from services.rules.vocabulary import SIGNALS, Subject, window_defaults
from services.rules.windows import Facet, Window
from shared.condition_types import ConditionError, Signals
from shared.conditions import Condition
from shared.events import ActionKind, Decision, Label

_SPAN: Final = re.compile(r"(\d+)(s|m|h|d)")
_UNITS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
SHORTEST: Final = 10_000
LONGEST: Final = 3_600_000
"""Spans of windows, ms. Longer ones could not be rebuilt from the log within its horizon."""

Who = Literal["member", "staff", "anyone"]


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Thresholds(_Part, frozen=True, kw_only=True):
    """From which risk on a verdict is watch, warn, delete."""

    watch: float
    warn: float
    delete: float


class Step(_Part, frozen=True, kw_only=True):
    """What a removal becomes after `after` earlier ones; `seconds` is a mute's length."""

    after: int
    decision: Decision
    seconds: int = 0


class Escalation(_Part, frozen=True, kw_only=True):
    """How a member's removals within `within` harden the next verdict."""

    within: str
    steps: list[Step]


class LabelPolicy(_Part, frozen=True, kw_only=True):
    """How far a label may go by itself, and what members are told."""

    label: Label
    at_most: Decision
    text: str = ""


class WindowSource(_Part, frozen=True, kw_only=True):
    """A window as written: `of` which events, `when` a condition holds, `by` what."""

    name: str
    span: str
    by: list[Facet]
    of: list[Subject]
    unique: Facet | None = None
    when: str = "true"


class RuleSource(_Part, frozen=True, kw_only=True):
    """A rule as written."""

    name: str
    label: Label
    weight: float
    when: str
    because: str
    on: tuple[Subject, ...] = (Subject.MESSAGE,)
    who: Who = "member"
    least: Decision = Decision.ALLOW


class AutomationSource(_Part, frozen=True, kw_only=True):
    """An automation as written: what to do when a condition holds."""

    name: str
    on: tuple[Subject, ...]
    when: str
    do: ActionKind
    text: str = ""
    seconds: int = 0
    who: Who = "member"


class PackSource(_Part, frozen=True, kw_only=True):
    """The whole pack as written."""

    name: str
    description: str
    thresholds: Thresholds
    escalation: Escalation
    labels: list[LabelPolicy]
    windows: list[WindowSource]
    rules: list[RuleSource]
    automations: list[AutomationSource] = []


class Pack(Struct, frozen=True):
    """A checked pack: every condition compiles, every name in it exists."""

    source: PackSource
    text: str
    version: str
    """What verdicts name: the pack's name and the beginning of its SHA-256."""
    windows: tuple[tuple[Window, Condition, WindowSource], ...]
    rules: tuple[tuple[RuleSource, Condition], ...]
    automations: tuple[tuple[AutomationSource, Condition], ...]
    defaults: dict[str, str | int | float | bool]
    escalation_span: int
    at_most: dict[Label, Decision]
    """How far each label may go by itself."""
    least: dict[str, Decision]
    """The mildest decision each rule leads to."""


def load(text: str, file: str) -> Pack:
    """Read a pack. Raises `PackError`, pointing at file, line and column, if it is unusable."""
    located = Located(text, file)
    source = _source(located)
    _unique_names(located, source)
    early = SIGNALS
    defaults = {**SIGNALS, **window_defaults(window.name for window in source.windows)}
    windows = tuple(
        (_window(located, i, window), _condition(located, f"windows[{i}]", window, early), window)
        for i, window in enumerate(source.windows)
    )
    return Pack(
        source=source,
        text=text,
        version=f"{source.name}@{hashlib.sha256(text.encode()).hexdigest()[:12]}",
        windows=windows,
        rules=tuple(
            (rule, _condition(located, f"rules[{i}]", rule, defaults))
            for i, rule in enumerate(source.rules)
        ),
        automations=tuple(
            (each, _condition(located, f"automations[{i}]", each, defaults))
            for i, each in enumerate(source.automations)
        ),
        defaults=defaults,
        escalation_span=_span(located, source.escalation.within, "$.escalation.within"),
        at_most={policy.label: policy.at_most for policy in source.labels},
        least={rule.name: rule.least for rule in source.rules},
    )


def default_pack() -> Pack:
    """Return the pack that Steward ships."""
    path = files("services.rules").joinpath("packs/default.yaml")
    return load(path.read_text(encoding="utf-8"), "packs/default.yaml")


_AT: Final = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>\$.*?)`)?$", re.DOTALL)
_FIELD: Final = re.compile(r"unknown field `(\w+)`")


def _source(located: Located) -> PackSource:
    try:
        return msgspec.convert(located.value, PackSource)
    except msgspec.ValidationError as error:
        found = _AT.match(str(error))
        message, path = (found["message"], found["path"] or "$") if found else (str(error), "$")
        field = _FIELD.search(message)
        raise located.error(message, f"{path}.{field[1]}" if field else path) from error


def _unique_names(located: Located, source: PackSource) -> None:
    for kind in ("windows", "rules", "automations"):
        seen: set[str] = set()
        for i, part in enumerate(getattr(source, kind)):
            path = f"$.{kind}[{i}].name"
            if re.fullmatch(r"[a-z][a-z0-9_]{0,63}", part.name) is None:
                raise located.error("a name is small letters, digits and `_`", path)
            if part.name in seen:
                raise located.error(f"there are two {kind} of the name `{part.name}`", path)
            seen.add(part.name)


def _condition(
    located: Located,
    path: str,
    part: WindowSource | RuleSource | AutomationSource,
    defaults: Signals,
) -> Condition:
    try:
        return Condition(part.when, defaults)
    except ConditionError as error:
        raise located.error(error.message, f"$.{path}.when", error.offset) from error


def _window(located: Located, i: int, window: WindowSource) -> Window:
    path = f"$.windows[{i}].span"
    span = _span(located, window.span, path)
    if not SHORTEST <= span <= LONGEST:
        raise located.error("a window spans 10 s to 1 h", path)
    return Window(window.name, tuple(window.by), span, window.unique)


def _span(located: Located, written: str, path: str) -> int:
    found = _SPAN.fullmatch(written)
    if found is None:
        raise located.error(f"`{written}` is no span such as 30s, 10m, 1h or 7d", path)
    return int(found[1]) * _UNITS[found[2]]


__all__ = ["Pack", "PackError", "default_pack", "load"]
