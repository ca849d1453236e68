"""A rule pack: read from YAML and checked before anything uses it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Set
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec
from msgspec import Struct

from services.rules.appeals import Appeals
from services.rules.campaigns import Spread
from services.rules.checking import check, read_source, span_of
from services.rules.compiling import Compiler
from services.rules.inheriting import extended
from services.rules.located import Located, PackError
from services.rules.pack_source import (
    AutomationSource,
    CompositeSource,
    Extension,
    PackSource,
    RuleSource,
    WindowSource,
)
from services.rules.windows import Window
from shared.condition_types import ConditionError
from shared.conditions import Condition
from shared.events import Millis
from shared.verdicts import SEVERITY, Decision, Label

MOST_BYTES: Final = 256 * 1024
"""How long the YAML of a pack may be."""


PackWindows = tuple[tuple[Window, Condition, WindowSource], ...]


class Pack(Struct, frozen=True):
    """A checked pack: every condition compiles, every name in it exists."""

    source: PackSource
    text: str
    version: str
    """What verdicts name: the pack's name and the beginning of its SHA-256."""
    windows: PackWindows
    shares: dict[str, Condition]
    """By the name of each window that is a share: which events count towards it."""
    rules: tuple[tuple[RuleSource, Condition], ...]
    composites: tuple[tuple[CompositeSource, Condition], ...]
    automations: tuple[tuple[AutomationSource, Condition], ...]
    defaults: dict[str, str | int | float | bool]
    escalation_span: int
    at_most: dict[Label, Decision]
    """How far each label may go by itself."""
    least: dict[str, Decision]
    """The mildest decision each rule leads to."""
    most: dict[str, Decision]
    """How far each rule may go by itself: no further than its label."""
    spread: Spread
    """What makes a campaign."""
    appeals: Appeals
    """Until when members may appeal, and by when they are answered."""

    @property
    def asked_windows(self) -> PackWindows:
        """Those that a rule or an automation asks about: others need not be counted."""
        parts = (*self.rules, *self.automations)
        asked = {name for _, condition in parts for name in condition.names}
        return tuple(each for each in self.windows if f"window.{each[0].name}" in asked)

    @property
    def conditions(self) -> Iterable[Condition]:
        """Every condition of the pack's parts."""
        return [
            *(condition for _, condition, _ in self.windows),
            *self.shares.values(),
            *(condition for _, condition in self.rules),
            *(condition for _, condition in self.composites),
            *(condition for _, condition in self.automations),
        ]


def load(text: str, file: str) -> Pack:
    """Read a pack. Raises `PackError`, pointing at file, line and column, if it is unusable."""
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise PackError(f"is longer than {MOST_BYTES} bytes", file, 1, 1)
    located = Located(text, file)
    written = read_source(located)
    if isinstance(written, Extension):
        base = default_pack()
        known = {condition.source: condition for condition in base.conditions}
        source, inherited = extended(base.source, written), base.source
        version = _version(source.name, base.version, text)
    else:
        known, source, inherited = {}, written, None
        version = _version(source.name, text)
    compiler = Compiler(source, Condition, known)
    check(located, written, source, inherited, compiler)
    return _pack(source, text, version, compiler)


def checked(text: str, file: str) -> Pack:
    """Read a pack that is to be kept: one that can be read again and used. Raises `PackError`."""
    pack = load(text, file)
    try:
        kept = msgspec.json.decode(msgspec.json.encode(pack.source), type=PackSource)
    except msgspec.MsgspecError as error:
        raise PackError(f"cannot be kept: {error}", file, 1, 1) from error
    restore(kept, pack.text, pack.version)
    return pack


def restore(source: PackSource, text: str, version: str) -> Pack:
    """Return a pack that was checked when it was published, from the whole of its source.

    Raises `PackError` if it names what this release no longer has.
    """
    try:
        return _pack(source, text, version, Compiler(source, Condition.trusted, {}))
    except ConditionError as error:
        raise PackError(error.message, version, 1, 1) from error


@cache
def default_pack() -> Pack:
    """Return the pack that Steward ships."""
    path = files("services.rules").joinpath("packs/default.yaml")
    return load(path.read_text(encoding="utf-8"), "packs/default.yaml")


def _pack(source: PackSource, text: str, version: str, compiler: Compiler) -> Pack:
    shares = {
        window.name: compiler.of_window(window.share) for window in source.windows if window.share
    }
    at_most = {policy.label: policy.at_most for policy in source.labels}
    weighed: list[RuleSource | CompositeSource] = [*source.rules, *source.composites]
    return Pack(
        source=source,
        text=text,
        version=version,
        windows=tuple(
            (_window(window, condition, shares.get(window.name), source), condition, window)
            for window in source.windows
            for condition in (compiler.of_window(window.when),)
        ),
        shares=shares,
        rules=tuple((rule, compiler.of(rule.when)) for rule in source.rules),
        composites=tuple((each, compiler.of_composite(each.when)) for each in source.composites),
        automations=tuple((each, compiler.of(each.when)) for each in source.automations),
        defaults=compiler.defaults,
        escalation_span=span_of(source.escalation.within),
        at_most=at_most,
        least={each.name: each.least for each in weighed},
        most={each.name: _most(each, at_most.get(each.label, Decision.DELETE)) for each in weighed},
        spread=Spread(source.campaigns.groups, Millis(span_of(source.campaigns.within))),
        appeals=Appeals(
            Millis(span_of(source.appeals.within)), Millis(span_of(source.appeals.answer))
        ),
    )


def _most(rule: RuleSource | CompositeSource, label: Decision) -> Decision:
    """Return how far a rule goes whose label goes so far."""
    own = label if rule.at_most is None else rule.at_most
    return min(own, label, key=SEVERITY.__getitem__)


def _version(name: str, *parts: str) -> str:
    found = hashlib.sha256("\x1f".join(parts).encode(errors="replace"))
    return f"{name}@{found.hexdigest()[:12]}"


def _window(
    window: WindowSource, condition: Condition, share: Condition | None, source: PackSource
) -> Window:
    meaning = msgspec.json.encode(
        msgspec.structs.replace(window, when=condition.flat, share=share.flat if share else "")
    )
    meaning += _own(source, {*condition.names, *(share.names if share else ())})
    series = f"{window.name}:{hashlib.sha256(meaning).hexdigest()[:8]}"
    return Window(
        window.name,
        tuple(window.by),
        span_of(window.span),
        window.unique,
        series,
        _MILLIS[window.per] if window.per else 0,
        bool(window.share),
    )


def _own(source: PackSource, names: Set[str]) -> bytes:
    """Return what a pack itself means by names that another pack may mean something else by."""
    meant: list[object] = [each for each in source.patterns if f"pattern.{each.name}" in names]
    if any(name.startswith("faq.") for name in names):
        meant += source.faq
    return msgspec.json.encode(meant) if meant else b""


_MILLIS: Final = {"minute": 60_000, "hour": 3_600_000}


__all__ = ["Pack", "PackError", "default_pack", "load", "restore"]
