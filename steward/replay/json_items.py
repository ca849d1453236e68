"""Values of a large JSON document one by one, without holding the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import ijson  # type: ignore[import-untyped]


class Item(NamedTuple):
    """A value and where it stands: names joined by dots, `item` for a place in an array."""

    place: str
    value: Any


class BrokenExportError(Exception):
    """The export cannot be read on; the message says why."""


def items(stream: IO[bytes], *places: str) -> Iterator[Item]:
    """Yield the values at these places, in the order in which they stand.

    Raises `BrokenExportError` where the document is cut off or is not JSON.
    """
    wanted = frozenset(places)
    parsed = iter(ijson.parse(stream, use_float=True))
    try:
        for place, event, value in parsed:
            if place not in wanted:
                continue
            if event in ("start_map", "start_array"):
                yield Item(place, _build(parsed, place, event))
            elif event not in ("end_map", "end_array", "map_key"):
                yield Item(place, value)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise BrokenExportError(f"the JSON cannot be read on: {error}") from None


def _build(parsed: Iterator[tuple[str, str, Any]], place: str, start: str) -> object:
    builder = ijson.ObjectBuilder()
    builder.event(start, None)
    end = start.replace("start", "end")
    for inner, event, value in parsed:
        builder.event(event, value)
        if event == end and inner == place:
            break
    return builder.value
