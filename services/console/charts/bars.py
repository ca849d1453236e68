"""Bars: lying ones that compare named things, standing ones over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from services.console.charts.line import MOST_LABELS
from services.console.charts.svg import drawing, element, label, round_ticks

_WIDTH: Final = 480.0
_ROW: Final = 24.0
_NAME: Final = 130.0
_VALUE: Final = 64.0
_COLUMNS_WIDTH: Final = 640.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 4.0, 8.0, 22.0

Bar = tuple[str, float]
"""What a bar is called, and how long it is."""


def bars(title: str, items: Sequence[Bar], style: str = "", unit: str = "") -> Markup:
    """Return one lying bar an item, in the order given, with the value at its end.

    Negative values go to the other side of a common zero.
    """
    most = max((abs(value) for _, value in items), default=0.0) or 1.0
    has_negative = any(value < 0 for _, value in items)
    span = _WIDTH - _NAME - _VALUE
    zero = _NAME + (span / 2 if has_negative else 0)
    reach = span / 2 if has_negative else span
    parts = [
        part
        for row, (name, value) in enumerate(items)
        for part in _bar(name, value, row * _ROW, (zero, reach / most), style, unit)
    ]
    return drawing(_WIDTH, max(_ROW, len(items) * _ROW), title, parts)


def _bar(
    name: str, value: float, y: float, scale: tuple[float, float], style: str, unit: str
) -> Iterator[Markup]:
    zero, factor = scale
    length = max(abs(value) * factor, 1.5)
    x = zero if value >= 0 else zero - length
    mark = f"bar-mark {style or ('bad' if value < 0 else '')}".strip()
    shown = name if len(name) <= 20 else f"{name[:19]}…"
    yield element("text", shown, element("title", name), x=0, y=y + 16, class_="strong")
    yield element("rect", x=x, y=y + 6, width=length, height=12, rx=2, class_=mark)
    end = zero + length + 6 if value >= 0 else zero + 6
    yield element("text", f"{label(round(value, 2))}{unit}", x=end, y=y + 16)


def columns(
    title: str, places: Sequence[str], values: Sequence[float], height: float = 150.0
) -> Markup:
    """Return one standing bar a place."""
    ticks = round_ticks(max(values, default=0.0), 3)
    floor = height - _BOTTOM
    factor = (floor - _TOP) / ticks[-1]
    pitch = (_COLUMNS_WIDTH - _LEFT - _RIGHT) / max(1, len(values))
    parts: list[Markup] = []
    for tick in ticks:
        y = floor - tick * factor
        line = "axis" if tick == 0 else "grid"
        parts.append(element("line", x1=_LEFT, x2=_COLUMNS_WIDTH - _RIGHT, y1=y, y2=y, class_=line))
        parts.append(element("text", label(tick), x=_LEFT - 6, y=y + 3.5, text_anchor="end"))
    step = max(1, -(-len(places) // MOST_LABELS))
    for number, value in enumerate(values):
        x, tall = _LEFT + pitch * number, value * factor
        hint = element("title", f"{places[number]}: {label(value)}")
        parts.append(
            element(
                "rect",
                hint,
                x=x + pitch * 0.12,
                y=floor - tall,
                width=pitch * 0.76,
                height=tall,
                rx=min(2.0, pitch / 4),
                class_="bar-mark",
            )
        )
        if number % step == 0:
            middle = x + pitch / 2
            parts.append(
                element("text", places[number], x=middle, y=height - 5, text_anchor="middle")
            )
    return drawing(_COLUMNS_WIDTH, height, title, parts)
