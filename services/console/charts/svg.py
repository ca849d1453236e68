"""Writes SVG elements, escaped, and picks round values for axes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

LEAST: Final = 1e-300
"""Below it a value is drawn as nothing: steps towards it would be no numbers any more."""


def element(name: str, *inside: str, **attributes: str | float | None) -> Markup:
    """Return an element; `class_` is its class, `_` in names stands for `-`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(escape(each) for each in inside)
    return Markup(f"<{name}{written}>{content}</{name}>")  # noqa: S704 # nosec B704


def drawing(width: float, height: float, title: str, parts: Iterable[str]) -> Markup:
    """Return the whole picture: its title is what a screen reader says of it."""
    return element(
        "svg",
        element("title", title),
        *parts,
        class_="chart",
        viewBox=f"0 0 {_short(width)} {_short(height)}",
        role="img",
        aria_label=title,
    )


def round_ticks(most: float, count: int = 4) -> list[float]:
    """Return about `count` round values from 0 up to `most` or a little more.

    The steps are 1, 2 or 5 times a power of ten (Heckbert, "Nice numbers for
    graph labels", Graphics Gems 1990).
    """
    if not math.isfinite(most) or most < LEAST:
        return [0.0, 1.0]
    rough = most / count
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough * 0.999)
    return [step * number for number in range(math.ceil(most / step * 0.999) + 1)]


def label(value: float) -> str:
    """Return a value as an axis shows it."""
    if abs(value) >= 10_000:
        return f"{value / 1000:,.0f}k"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"


def _short(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
