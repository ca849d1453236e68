"""The error that a wrong `STEWARD_*` variable ends in; needs no library, for a quick `--help`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class InvalidSetting(NamedTuple):
    """One variable that does not fit; `value` is None where it must not be shown."""

    variable: str
    value: str | None
    expectation: str
    meaning: str


class InvalidSettingsError(Exception):
    """Settings do not fit; a line says of each variable what it should be."""

    def __init__(self, found: Sequence[InvalidSetting]) -> None:
        self.found = tuple(found)
        super().__init__("\n".join(map(_line, found)))


def _line(one: InvalidSetting) -> str:
    shown = "" if one.value is None else f"={one.value!r}"
    return f"{one.variable}{shown} does not fit: {one.expectation}. Meaning: {one.meaning}"
