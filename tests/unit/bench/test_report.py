"""The page keeps what people wrote in it, and shows every figure that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench.asked import ASKED, lacking
from bench.report import BEGIN, END, page, plots, replaced

PAGE = (Path(__file__).parents[3] / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def result() -> dict[str, Any]:
    parts: dict[str, dict[str, float]] = {}
    for number, name in enumerate(ASKED, 1):
        part, _, figure = name.partition(".")
        parts.setdefault(part, {})[figure] = float(number)
    keys = [
        *("raw_decode", "no_op", "raw_judging", "judging", "raw_counting", "counting"),
        *(f"{peer}_{work}" for peer in ("faststream", "quix") for work in ("no_op", "counting")),
        *("rules", "scoring"),
    ]
    parts["runtime"] = {f"{key}_{of}": 2.0 for key in keys for of in ("events_per_s", "cpu_us")}
    parts["growth"] = {f"replicas_{count}_cpu_us": 3.0 for count in (1, 2, 4)}
    parts["known_members"] = {
        f"same_talk_{count}_{of}": 3.0
        for count in (10, 1000)
        for of in ("cpu_us", "mongod_cpu_us", "events_per_s", "resident_mb")
    }
    machine = {
        "date": "2026-01-01",
        "cores": 2,
        "memory_gb": 4,
        "processor": "x",
        "python": "3",
        "command": "make bench",
        "versions": {"FastStream": "1.0"},
    }
    spread = {"ingest": {"single_vs_fastapi": [0.5, 1.5]}}
    return {"machine": machine, "runs": {"ingest": 3}, **parts, "spread": spread}


def test_what_stands_around_the_generated_part_stays() -> None:
    written = replaced(PAGE, "new figures")
    assert "new figures" in written
    assert written.partition(BEGIN)[0] == PAGE.partition(BEGIN)[0]
    assert written.partition(END)[2] == PAGE.partition(END)[2]
    assert replaced(written, "newer") == replaced(PAGE, "newer")


def test_a_page_without_the_marks_is_not_overwritten() -> None:
    with pytest.raises(ValueError, match="lacks"):
        replaced("written by hand", "figures")


def test_every_asked_figure_is_shown_with_its_spread() -> None:
    shown = page(result())
    assert [name for name in ASKED if f"`{name}`" not in shown] == []
    assert "| `ingest.single_vs_fastapi` | 1.00 (0.50 – 1.50) | 1.5 |" in shown


def test_a_peer_that_was_not_measured_has_no_row() -> None:
    shown = page(result())
    assert "| nothing but decode | FastStream |" in shown
    assert "| normalise a text and look for patterns | FastStream |" not in shown


def test_what_is_lacking_is_named() -> None:
    measured = result()
    assert lacking(measured) == []
    del measured["notify"]["p99_ms_at_300"]
    assert lacking(measured) == ["notify.p99_ms_at_300"]


def test_every_plot_that_the_page_shows_is_drawn_and_is_xml() -> None:
    drawn = plots(result())
    assert all(f"]({name})" in page(result()) for name in drawn)
    assert sorted(drawn) == ["bench-members.svg", "bench-replicas.svg", "bench-runtime.svg"]
    for picture in drawn.values():
        assert ElementTree.fromstring(picture).tag.endswith("svg")
