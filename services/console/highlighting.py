"""Cuts a text where something was seen in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from services.console.answers.cases import Span


class Piece(NamedTuple):
    """A stretch of a text, and everything that was seen in it."""

    text: str
    seen: tuple[str, ...]


def pieces(text: str, spans: Sequence[Span]) -> Iterator[Piece]:
    """Yield the whole text in pieces, cut where a span begins or ends; spans may overlap."""
    length = len(text)
    inside = [span for span in spans if 0 <= span.start < span.end <= length]
    edges = {0, length}
    edges.update(place for span in inside for place in (span.start, span.end))
    cuts = sorted(edges)
    for start, end in pairwise(cuts):
        seen = {span.what for span in inside if span.start <= start and end <= span.end}
        yield Piece(text[start:end], tuple(sorted(seen)))
