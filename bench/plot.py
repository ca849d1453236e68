"""Line and bar charts as SVG, small enough to be read in a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 260, 70, 30, 40
COLOURS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5")

BAR, NAMES = 24, 250
"""Height of a bar with its gap, and the width that the names beside the bars have."""

Points = Sequence[tuple[float, float]]


def chart(title: str, x_axis: str, lines: Mapping[str, Points]) -> str:
    """Return a chart of named lines; the y axis begins at 0."""
    xs = [x for points in lines.values() for x, _ in points]
    highest = max((y for points in lines.values() for _, y in points), default=0) or 1
    first, last = min(xs, default=0), max(xs, default=1)
    wide, high = WIDTH - LEFT - 150, HEIGHT - TOP - BOTTOM

    def place(x: float, y: float) -> str:
        across = (x - first) / ((last - first) or 1)
        return f"{LEFT + across * wide:.1f},{TOP + (1 - y / highest) * high:.1f}"

    parts = [_text(LEFT, 18, title, bold=True), _text(LEFT, HEIGHT - 8, f"{x_axis}: {first:.3g}")]
    parts.append(_text(LEFT + wide - 30, HEIGHT - 8, f"{last:.3g}"))
    for share in (0, 0.5, 1):
        y = TOP + (1 - share) * high
        parts.append(f'<path d="M{LEFT} {y:.1f}h{wide}" stroke="#ddd"/>')
        parts.append(_text(4, y + 4, f"{highest * share:,.4g}"))
    for number, (name, points) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        drawn = " ".join(place(x, y) for x, y in points)
        dashes = ' stroke-dasharray="4 2"' if number >= len(COLOURS) else ""
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}"{dashes}/>')
        parts.append(_text(LEFT + wide + 10, TOP + 12 + 16 * number, name, colour=colour))
    return _picture(parts, HEIGHT)


def bars(title: str, values: Mapping[str, float]) -> str:
    """Return a chart with a horizontal bar for each named value, longest where it is the most."""
    most = max(values.values(), default=0) or 1
    parts = [_text(8, 18, title, bold=True)]
    for number, (name, value) in enumerate(values.items()):
        top = TOP + number * BAR
        long = value / most * (WIDTH - NAMES - 100)
        colour = COLOURS[number % len(COLOURS)]
        parts.append(_text(8, top + 15, name))
        shape = f'x="{NAMES}" y="{top}" width="{long:.1f}" height="{BAR - 6}"'
        parts.append(f'<rect {shape} fill="{colour}"/>')
        parts.append(_text(NAMES + long + 6, top + 15, f"{value:,.4g}"))
    return _picture(parts, TOP + len(values) * BAR + 6)


def _picture(parts: Sequence[str], height: int) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" '
        f'fill="#fff"/>\n{body}\n</svg>\n'
    )


def _text(x: float, y: float, text: str, *, colour: str = "#333", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}"{weight}>{escape(text)}</text>'
