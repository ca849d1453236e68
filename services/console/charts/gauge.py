"""One value against its whole: a dial, and a short bar for tables."""

from __future__ import annotations

import math
from typing import Final

from markupsafe import Markup

from services.console.charts.svg import element

_RADIUS: Final = 50.0
_STROKE: Final = 10.0
LOW: Final = 0.4
FAIR: Final = 0.6
"""Below these shares of the whole a value is shown as bad, or as a warning."""


def tone(share: float) -> str:
    """Return the style of a share of which more is better."""
    if share < LOW:
        return "bad"
    return "warn" if share < FAIR else ""


def gauge(title: str, value: float | None, most: float = 100.0) -> Markup:
    """Return a dial of a half circle with the value in it; a dash for None."""
    share = 0.0 if value is None else min(max(value / most, 0.0), 1.0)
    parts = [
        element("title", title),
        element("path", d=_arc(0, 1), class_="track"),
        *([element("path", d=_arc(0, share), class_=f"bar-mark {tone(share)}")] if share else []),
        element(
            "text",
            "–" if value is None else f"{value:.0f}",
            x=60,
            y=60,
            text_anchor="middle",
            class_="strong dial",
        ),
    ]
    box = {"class_": "chart gauge", "viewBox": "0 0 120 66", "role": "img", "aria_label": title}
    return element("svg", *parts, **box)


def meter(title: str, share: float, style: str | None = None) -> Markup:
    """Return a short bar, as wide as `share` of 1; its colour by `tone` unless given."""
    held = min(max(share, 0.0), 1.0)
    mark = tone(held) if style is None else style
    parts = [
        element("title", title),
        element("rect", width=64, height=6, rx=3, class_="track"),
        element("rect", width=64 * held, height=6, rx=3, class_=f"bar-mark {mark}".strip()),
    ]
    box = {"class_": "chart meter", "viewBox": "0 0 64 6", "role": "img", "aria_label": title}
    return element("svg", *parts, width=64.0, height=6.0, **box)


def _arc(begin: float, end: float) -> str:
    """Return a ring's part, from one share of the half circle to another."""
    outer, inner = _RADIUS, _RADIUS - _STROKE
    a, b = math.pi * (1 + begin), math.pi * (1 + end)
    return (
        f"M{_point(outer, a)}A{outer} {outer} 0 0 1 {_point(outer, b)}"
        f"L{_point(inner, b)}A{inner} {inner} 0 0 0 {_point(inner, a)}Z"
    )


def _point(radius: float, angle: float) -> str:
    """Return a point about the middle of the dial."""
    return f"{60 + radius * math.cos(angle):.2f} {60 + radius * math.sin(angle):.2f}"
