"""Tells the figures: a table on the terminal, a page in the documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

PROTOTYPE: Final = {
    "raw_decode": (384_000, None),
    "counting": (33_700, 14),
    "rules": (29_000, 33),
}
"""Events a second and µs an event of the throw-away prototype that the design was drawn from."""

_STAGES: Final = {
    "raw_decode": "bare aiokafka consumer, records decoded",
    "no_op": "runtime, stage that does nothing",
    "counting": "runtime, decayed score a member (nearly every event a new one), flushed",
    "rules": "runtime, rules",
    "scoring": "runtime, scoring",
}

_SECTIONS: Final = ("ingest", "rules", "scoring", "known_members", "notify", "end_to_end")

_HEAD: Final = """# Benchmarks

Written by `{command}` on {date}: {cores} cores ({processor}), Python {python}; Kafka and MongoDB
beside it on the same machine. CPU is that of the measured process unless a row says otherwise.
Figures of one run: expect them to differ by some per cent on the next, by more on a busy machine.
"""


def show(console: Console, name: str, figures: dict[str, float]) -> None:
    """Print a part's figures."""
    table = Table("figure", "value", title=name, box=None, title_justify="left")
    table.columns[1].justify = "right"
    for figure, value in figures.items():
        table.add_row(figure, f"{value:,.2f}")
    console.print(table)


def write(path: Path, result: dict[str, Any]) -> None:
    """Write the page."""
    parts = [_HEAD.format(**result["machine"]), _runtime(result["runtime"])]
    parts += [_section(name, result[name]) for name in _SECTIONS]
    path.write_text("\n".join(parts), encoding="utf-8")


def _runtime(figures: dict[str, float]) -> str:
    rows = [
        "## Stream runtime",
        "",
        "| what | events/s | CPU µs an event | prototype events/s | prototype µs |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for stage, title in _STAGES.items():
        rate, cpu = figures[f"{stage}_events_per_s"], figures[f"{stage}_cpu_us"]
        before = " | ".join(
            f"{value:,}" if value else "–" for value in PROTOTYPE.get(stage, (0, 0))
        )
        rows.append(f"| {title} | {rate:,.0f} | {cpu:,.1f} | {before} |")
    return "\n".join(rows) + "\n"


def _section(name: str, figures: dict[str, float]) -> str:
    rows = [f"## {name.capitalize().replace('_', ' ')}", "", "| figure | value |", "| --- | ---: |"]
    rows += [f"| `{figure}` | {value:,.2f} |" for figure, value in figures.items()]
    return "\n".join(rows) + "\n"
