"""How much happens at which hour of which weekday."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from services.console.charts.svg import drawing, element, label

_CELL: Final = 22.0
_GAP: Final = 2.0
_LEFT: Final = 44.0
_TOP: Final = 4.0
HOURS: Final = 24


def heat_map(title: str, rows: Sequence[str], values: Sequence[Sequence[float]]) -> Markup:
    """Return one row a weekday and one cell an hour; the darker, the more.

    Darkness follows the square root of the value, as counts of messages are
    skewed: one busy hour would leave the others blank.
    """
    most = max((value for row in values for value in row), default=0.0)
    parts: list[Markup] = []
    for number, (name, row) in enumerate(zip(rows, values, strict=True)):
        y = _TOP + number * (_CELL + _GAP)
        parts.append(element("text", name, x=_LEFT - 8, y=y + 15, text_anchor="end"))
        parts += [_cell(name, hour, value, most, y) for hour, value in enumerate(row)]
    bottom = _TOP + len(rows) * (_CELL + _GAP)
    for hour in range(0, HOURS, 3):
        x = _LEFT + hour * (_CELL + _GAP) + _CELL / 2
        parts.append(element("text", f"{hour:02d}", x=x, y=bottom + 12, text_anchor="middle"))
    return drawing(_LEFT + HOURS * (_CELL + _GAP), bottom + 18, title, parts)


def _cell(row: str, hour: int, value: float, most: float, y: float) -> Markup:
    share = (value / most) ** 0.5 if most > 0 else 0.0
    return element(
        "rect",
        element("title", f"{row} {hour:02d}:00 – {label(round(value, 1))}"),
        x=_LEFT + hour * (_CELL + _GAP),
        y=y,
        width=_CELL,
        height=_CELL,
        rx=3,
        class_="cell" if value > 0 else "cell none",
        fill_opacity=round(0.12 + 0.88 * share, 3) if value > 0 else None,
    )
