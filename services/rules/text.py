"""Normalisation: reads a text as a person would, past every trick of writing.

The result is for matching only; each of its stretches can be traced back to
where it stands in the original.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from services.rules.edits import Edit, Layer
from services.rules.folding import fold, origins
from services.rules.lexicon import Stretches
from services.rules.links import chinese_hosts
from services.rules.mirrors import mirrors
from services.rules.variants import variants, written_digits
from shared.verdicts import Span

_HAN: Final = "\u4e00-\u9fff"
_SOFT: Final = (
    r"[ .·•●○・*_\-/|~=^`'\"#&\\\u2000-\u206f\u2190-\u2bff\u3000-\u3003"
    r"\U0001F000-\U0001FAFF\ufe30-\ufe4f]"
)
_STANDS_ALONE: Final = re.compile(r"[\W_][^\W_][\W_]")
_SINGLES: Final = re.compile(
    rf"(?:[{_HAN}]|(?<![a-z0-9])[a-z0-9])"
    rf"(?:(?:\W|_){{1,3}}(?:[{_HAN}](?![{_HAN}])|[a-z0-9](?![a-z0-9])))+"
    rf"(?:\W|_){{1,3}}(?:[{_HAN}]|[a-z0-9](?![a-z0-9]))"
)
_VERSION: Final = re.compile(r"\d(?:\.\d){1,3}(?!\.\d)")
_GAPS: Final = re.compile(r"(?:\W|_)+")
_MANY: Final = 3
"""Gaps that show a purpose: `i'm a` has fewer."""
_PUNCTUATION: Final = frozenset(",!?、:;。…")
_PAIRS: Final = re.compile(
    rf"{_SOFT}(?:(?<=[{_HAN}]{_SOFT}){_SOFT}?(?=[{_HAN}a-z0-9])"
    rf"|(?<=[a-z0-9]{_SOFT}){_SOFT}?(?=[{_HAN}])"
    rf"|(?<=(?<![{_HAN}])[{_HAN}]{_SOFT}){_SOFT}{{2}}(?=[{_HAN}](?![{_HAN}])))"
)
"""Begins with what is closed and looks back from there: in under half the time."""


class Normal(Struct, frozen=True, gc=False):
    """A text as it is read: `text` for matching, `layers` to trace it back to `original`."""

    original: str
    text: str
    layers: tuple[Layer, ...] = ()

    def span(self, start: int, end: int, what: str) -> Span:
        """Return where characters `start` to `end` of `text` stand in the original.

        Raises `ValueError` for an empty stretch or one outside of the text.
        """
        return self.spans([(start, end, what)])[0]

    def spans(self, stretches: Sequence[tuple[int, int, str]]) -> list[Span]:
        """Return where several stretches stand in the original; raises as `span` does."""
        came_from = origins(self.original)
        found = []
        for start, end, what in stretches:
            if not 0 <= start < end <= len(self.text):
                raise ValueError(f"no stretch {start}:{end} in a text of {len(self.text)}")
            for layer in reversed(self.layers):
                start, end = layer.back(start, end)
            found.append(Span(came_from[start], came_from[end - 1] + 1, what))
        return found


def normalise(original: str) -> Normal:
    """Read a text: fold its characters, close its gaps, turn round what is written backwards,
    put words for their variants.

    Variants are read twice, because a split character may be part of a variant.
    """
    text, layers = fold(original), []
    for step in _STEPS if text.isalnum() else _STEPS_IF_SPACED:
        layer = step(text)
        if layer is not None:
            text = layer.apply(text)
            layers.append(layer)
            if step is read_variants and (again := step(text)) is not None:
                text = again.apply(text)
                layers.append(again)
    return Normal(original, text, tuple(layers))


def close_singles(text: str) -> Layer | None:
    """Close the gaps between characters that stand one by one: 加.微.信, v-x-1."""
    if _STANDS_ALONE.search(text) is None:
        return None
    edits: list[Edit] = []
    for found in _SINGLES.finditer(text):
        if _VERSION.match(found.group()):
            continue
        edits += _closed(found.group(), found.start())
    return Layer(edits) if edits else None


def _closed(run: str, start: int) -> list[Edit]:
    """Close the gaps of one run; a wider one between letters stays, as the end of a word."""
    gaps = list(_GAPS.finditer(run))
    signs = [gap.group() for gap in gaps]
    ends = _ends_of_words(run, gaps) if len(set(signs)) > 1 else None
    if not ends:
        why = "gap" if _contrived(signs) else "pair"
        return [Edit(start + gap.start(), start + gap.end(), "", why) for gap in gaps]
    signs = [gap.group() for gap in gaps if gap not in ends]
    why = "gap" if len(signs) >= _MANY and _contrived(signs) else "pair"
    read = [(" ", "pair") if gap in ends else ("", why) for gap in gaps]
    return [
        Edit(start + gap.start(), start + gap.end(), *each)
        for gap, each in zip(gaps, read, strict=True)
    ]


def _ends_of_words(run: str, gaps: list[re.Match[str]]) -> set[re.Match[str]]:
    """Return the gaps that have more blanks than is usual, beside a letter."""
    blanks = [sum(map(str.isspace, gap.group())) for gap in gaps]
    usual = Counter(blanks).most_common(1)[0][0]
    wider = [gap for gap, count in zip(gaps, blanks, strict=True) if count > usual]
    return {gap for gap in wider if _beside_letter(run, gap)}


def _beside_letter(run: str, gap: re.Match[str]) -> bool:
    beside = run[gap.start() - 1] + run[gap.end()]
    return beside.isascii() and not beside.isdigit()


def _contrived(gaps: list[str]) -> bool:
    """Whether gaps were put in to hide a word: one sign again and again, no punctuation."""
    signs = {gap.strip() for gap in gaps}
    return len(signs) == 1 and not signs & _PUNCTUATION and (signs != {""} or len(gaps) >= _MANY)


def close_pairs(text: str) -> Layer | None:
    """Close gaps that are no punctuation beside a Chinese character: 赌/博, V 信, 加 / 薇.

    One of three signs is closed between two characters that both stand alone.
    """
    if text.isascii():
        return None
    edits = [Edit(found.start(), found.end(), "", "pair") for found in _PAIRS.finditer(text)]
    if edits and "://" in text:
        hosts = Stretches(chinese_hosts(text))
        edits = [edit for edit in edits if not hosts.covers(edit.start, edit.end)]
    return Layer(edits) if edits else None


def read_variants(text: str) -> Layer | None:
    """Put words in place of their variants, by the shipped table."""
    return variants().read(text)


def turn_round(text: str) -> Layer | None:
    """Turn lines round that are written backwards."""
    return mirrors().read(text)


_STEPS: Final = (turn_round, read_variants, written_digits)
_STEPS_IF_SPACED: Final = (close_singles, close_pairs, *_STEPS)
