"""Lines over time, with gaps where nothing is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from services.console.charts.svg import drawing, element, label, round_ticks

WIDTH: Final = 640.0
HEIGHT: Final = 200.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 8.0, 10.0, 24.0
_STYLES: Final = ("", "second", "third")
MOST_LABELS: Final = 7


class Series(NamedTuple):
    """A line: its name, and one value for each place of the axis; None is a gap."""

    name: str
    values: Sequence[float | None]


def lines(
    title: str,
    places: Sequence[str],
    series: Sequence[Series],
    most: float | None = None,
    height: float = HEIGHT,
) -> Markup:
    """Return lines over `places`; `most` is the top of the axis, else the greatest value."""
    known = [value for each in series for value in each.values if value is not None]
    ticks = round_ticks(most if most is not None else max(known, default=0.0))
    top = ticks[-1]
    plane = _Plane(len(places), top, height)
    parts: list[Markup] = list(plane.grid(ticks))
    parts += plane.labels(places)
    for number, each in enumerate(series):
        parts += plane.line(each, _STYLES[number % len(_STYLES)], filled=len(series) == 1)
    return drawing(WIDTH, height, title, parts)


class _Plane:
    """Where values come to lie."""

    def __init__(self, count: int, top: float, height: float) -> None:
        self._count = count
        self._top = top
        self._height = height

    def x(self, place: int) -> float:
        span = WIDTH - _LEFT - _RIGHT
        return _LEFT + (span / 2 if self._count < 2 else span * place / (self._count - 1))

    def y(self, value: float) -> float:
        span = self._height - _TOP - _BOTTOM
        return _TOP + span * (1 - min(max(value, 0.0), self._top) / self._top)

    def grid(self, ticks: Sequence[float]) -> Iterator[Markup]:
        for tick in ticks:
            y = self.y(tick)
            style = "axis" if tick == 0 else "grid"
            yield element("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, class_=style)
            yield element("text", label(tick), x=_LEFT - 6, y=y + 3.5, text_anchor="end")

    def labels(self, places: Sequence[str]) -> Iterator[Markup]:
        step = max(1, -(-len(places) // MOST_LABELS))
        for place in range(0, len(places), step):
            anchor = "start" if place == 0 else "middle"
            at_end = self.x(place) > WIDTH - _RIGHT - 20
            yield element(
                "text",
                places[place],
                x=self.x(place),
                y=self._height - 6,
                text_anchor="end" if at_end else anchor,
            )

    def line(self, series: Series, style: str, *, filled: bool) -> Iterator[Markup]:
        for run in _runs(series.values):
            points = [(self.x(place), self.y(value)) for place, value in run]
            if len(points) == 1:
                yield element("circle", cx=points[0][0], cy=points[0][1], r=3, class_="dot")
                continue
            path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            if filled:
                floor = self.y(0)
                closed = f"{path}L{points[-1][0]:.1f} {floor:.1f}L{points[0][0]:.1f} {floor:.1f}Z"
                yield element("path", d=closed, class_="area")
            yield element("path", d=path, class_=f"line {style}".strip())


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Yield the stretches without gaps."""
    run: list[tuple[int, float]] = []
    for place, value in enumerate(values):
        if value is not None:
            run.append((place, value))
        elif run:
            yield run
            run = []
    if run:
        yield run
