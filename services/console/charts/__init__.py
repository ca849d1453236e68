"""Charts as SVG: pure functions, no scripts, colours by the style sheet's classes."""

from services.console.charts.band import Stretch, band
from services.console.charts.bars import bars, columns
from services.console.charts.gauge import gauge, meter
from services.console.charts.graph import graph
from services.console.charts.heat_map import heat_map
from services.console.charts.line import Series, lines

__all__ = [
    "Series",
    "Stretch",
    "band",
    "bars",
    "columns",
    "gauge",
    "graph",
    "heat_map",
    "lines",
    "meter",
]
