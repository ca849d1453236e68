"""Charts: SVG that parses, has a title, keeps within its frame and never runs anything."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.charts import (
    Series,
    Stretch,
    band,
    bars,
    columns,
    gauge,
    graph,
    heat_map,
    lines,
    meter,
)
from services.console.charts.svg import element, round_ticks

HOSTILE = '"><script>alert(1)</script>'
WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
values = st.lists(st.floats(0, 1e7), min_size=1, max_size=40)


def parsed(svg: str) -> ET.Element:
    """Return the picture; it has a title, and nothing that a strict policy would refuse."""
    root = ET.fromstring(svg)
    assert root.tag == "svg"
    assert root.get("role") == "img"
    assert root.find("title") is not None
    for each in root.iter():
        assert each.tag != "script"
        assert "style" not in each.attrib
        assert not any(name.startswith("on") for name in each.attrib)
    return root


@pytest.mark.parametrize(
    "svg",
    [
        lines(HOSTILE, [HOSTILE, "b"], [Series(HOSTILE, [1.0, 2.0])]),
        band(HOSTILE, [Stretch(HOSTILE, "active", 3, HOSTILE)]),
        bars(HOSTILE, [(HOSTILE, 3.0), ("b", -1.0)]),
        columns(HOSTILE, [HOSTILE], [2.0]),
        heat_map(HOSTILE, [HOSTILE], [[1.0] * 24]),
        gauge(HOSTILE, 40),
        meter(HOSTILE, 0.4),
        graph(HOSTILE, [(HOSTILE, "b", 1.0)], {HOSTILE}),
    ],
)
def test_what_people_wrote_stays_text(svg: str) -> None:
    root = parsed(svg)
    assert (root.findtext("title") or "").startswith('"><script>')


@given(st.lists(st.integers(1, 400), min_size=1, max_size=90))
def test_stretches_of_a_band_are_as_long_as_they_lasted(lengths: list[int]) -> None:
    told = [Stretch(f"layer {number}", "active", each, "") for number, each in enumerate(lengths)]
    starts = [float(each.get("x", 0)) for each in parsed(band("t", told)).iter("rect")]
    whole = 592.0
    expected = [40 + whole * sum(lengths[:number]) / sum(lengths) for number in range(len(lengths))]
    assert starts == pytest.approx(expected, abs=0.01)


@given(values)
def test_a_line_keeps_within_the_frame(found: list[float]) -> None:
    root = parsed(lines("t", [str(n) for n in range(len(found))], [Series("s", found)]))
    _, _, width, height = map(float, root.get("viewBox", "").split())
    for circle in root.iter("circle"):
        assert 0 <= float(circle.get("cx", -1)) <= width
        assert 0 <= float(circle.get("cy", -1)) <= height
    for path in root.iter("path"):
        numbers = [float(n) for n in path.get("d", "").translate(_NO_LETTERS).split()]
        assert all(0 <= x <= width for x in numbers[::2])
        assert all(0 <= y <= height for y in numbers[1::2])


_NO_LETTERS = str.maketrans("MLZA", "    ")


def test_a_line_has_gaps_where_nothing_is_known() -> None:
    root = parsed(lines("t", ["a", "b", "c", "d"], [Series("s", [1.0, 2.0, None, 3.0])]))
    assert len([each for each in root.iter("path") if each.get("class") == "line"]) == 1
    assert len(list(root.iter("circle"))) == 1


@given(st.floats(1e-3, 1e9))
def test_ticks_are_few_round_and_reach_the_greatest_value(most: float) -> None:
    ticks = round_ticks(most)
    assert ticks[0] == 0
    assert ticks[-1] >= most * 0.99
    assert 2 <= len(ticks) <= 12
    step = ticks[1]
    leading = float(f"{step:e}".split("e")[0])
    assert min(abs(leading - each) for each in (1, 2, 5)) < 1e-6


@pytest.mark.parametrize("most", [0.0, -1.0, float("nan"), float("inf")])
def test_an_axis_of_nothing_is_an_axis(most: float) -> None:
    assert round_ticks(most) == [0.0, 1.0]


def test_empty_charts_are_charts() -> None:
    empty = (lines("t", [], []), bars("t", []), columns("t", [], []), gauge("t", None))
    for svg in (*empty, graph("t", [])):
        parsed(svg)


def test_the_longest_bar_is_the_greatest_and_negatives_go_the_other_way() -> None:
    root = parsed(bars("t", [("a", 10.0), ("b", 5.0), ("c", -10.0)]))
    a, b, c = list(root.iter("rect"))
    assert float(a.get("width", 0)) == pytest.approx(2 * float(b.get("width", 0)), rel=0.01)
    assert float(c.get("x", 0)) < float(a.get("x", 0))
    assert c.get("class") == "bar-mark bad"


def test_more_is_darker_in_a_heat_map() -> None:
    root = parsed(heat_map("t", WEEK, [[float(hour) for hour in range(24)]] * 7))
    cells = list(root.iter("rect"))
    assert len(cells) == 7 * 24
    assert cells[0].get("class") == "cell none"
    shades = [float(cell.get("fill-opacity", 0)) for cell in cells[1:24]]
    assert shades == sorted(shades)
    assert shades[-1] == 1


@given(st.floats(-50, 500))
def test_a_dial_never_goes_over_its_end(value: float) -> None:
    root = parsed(gauge("t", value))
    for path in root.iter("path"):
        assert "nan" not in path.get("d", "")


def test_attributes_are_written_as_svg_names_them() -> None:
    assert element("text", "a<b", text_anchor="end", x=1.50, y=None) == (
        '<text text-anchor="end" x="1.5">a&lt;b</text>'
    )


TALK = [("a", "b", 3.0), ("b", "c", 1.0), ("c", "d", 2.0), ("d", "a", 0.5)]


def test_a_graph_draws_everybody_within_its_frame_and_the_same_talk_alike() -> None:
    svg = graph("t", TALK, {"a"}, {"c": 1, "d": 1})
    assert svg == graph("t", TALK, {"a"}, {"c": 1, "d": 1})
    root = parsed(svg)
    _, _, width, height = map(float, root.get("viewBox", "").split())
    dots = {dot.findtext("title"): dot for dot in root.iter("circle")}
    assert set(dots) == {"a", "b", "c", "d"}
    for dot in dots.values():
        assert 0 < float(dot.get("cx", 0)) < width
        assert 0 < float(dot.get("cy", 0)) < height
    assert [dots[name].get("class") for name in "abcd"] == ["node-0", "node-0", "node-1", "node-1"]
    assert [text.text for text in root.iter("text")] == ["a"]
    assert len(list(root.iter("line"))) == len(TALK)


def test_who_has_no_way_to_the_others_is_left_out() -> None:
    root = parsed(graph("t", [*TALK, ("far", "away", 9.0)]))
    assert {dot.findtext("title") for dot in root.iter("circle")} == {"a", "b", "c", "d"}
