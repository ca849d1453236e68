"""Tells the figures: a table on the terminal, a page and plots in the documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.asked import ASKED, GOALS, value
from bench.plot import bars, chart

BEGIN: Final = "<!-- What follows is written by `make bench`. -->"
END: Final = "<!-- Here ends what `make bench` writes. -->"

_CONTENDERS: Final = {
    "raw_{}": "bare aiokafka consumer",
    "{}": "Steward's runtime",
    "faststream_{}": "FastStream",
    "quix_{}": "Quix Streams",
}
_WORKS: Final = {
    "no_op": "nothing but decode",
    "judging": "normalise a text and look for patterns",
    "counting": "keep a decayed score for each member",
}
_KEPT: Final = {
    "raw_{}": "in memory, lost",
    "{}": "MongoDB, exactly once",
    "faststream_{}": "in memory, lost",
    "quix_{}": "RocksDB and changelog, at least once",
}
_SECTIONS: Final = ("ingest", "rules", "scoring", "known_members", "growth", "notify", "end_to_end")


def show(console: Console, name: str, figures: dict[str, float]) -> None:
    """Print a part's figures."""
    table = Table("figure", "value", title=name, box=None, title_justify="left")
    table.columns[1].justify = "right"
    for figure, measured in figures.items():
        table.add_row(figure, f"{measured:,.2f}")
    console.print(table)


def write(docs: Path, result: dict[str, Any]) -> None:
    """Write plots, and the part of the page that is generated; what stands around it stays."""
    for name, picture in plots(result).items():
        (docs / name).write_text(picture, encoding="utf-8")
    path = docs / "benchmarks.md"
    path.write_text(replaced(path.read_text(encoding="utf-8"), page(result)), encoding="utf-8")


def replaced(text: str, generated: str) -> str:
    """Return the page with what is between the two marks exchanged. Raises `ValueError`."""
    before, began, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (began and ended):
        raise ValueError(f"the page lacks {BEGIN!r} or {END!r}")
    return f"{before}{BEGIN}\n\n{generated}\n{END}{after}"


def page(result: dict[str, Any]) -> str:
    """Return the generated part of the page."""
    parts = [_head(result), _asked(result)]
    if "runtime" in result:
        parts.append(_runtime(result))
    parts += [_section(name, result) for name in _SECTIONS if name in result]
    return "\n".join(parts)


def plots(result: dict[str, Any]) -> dict[str, str]:
    """Return the plots that the result has figures for, by file name."""
    found: dict[str, str] = {}
    runtime = result.get("runtime", {})
    costs = {
        f"{who}: {short}": runtime[f"{key}_cpu_us"]
        for work, short in (("no_op", "nothing"), ("judging", "judging"), ("counting", "scores"))
        for key, who in _keys(work).items()
        if f"{key}_cpu_us" in runtime
    }
    if costs:
        found["bench-runtime.svg"] = bars("CPU µs an event, by who does what", costs)
    by_replicas = _by_size(result.get("growth", {}), "replicas")
    if by_replicas:
        lines = {"all stages of scoring": by_replicas}
        found["bench-replicas.svg"] = chart("CPU µs an event, all replicas", "replicas", lines)
    members = result.get("known_members", {})
    lines = {name.replace("_", " "): _by_size(members, name) for name in ("same_talk", "cold")}
    if any(lines.values()):
        found["bench-members.svg"] = chart("CPU µs an event, scoring", "known members", lines)
    return found


def _by_size(figures: dict[str, float], name: str) -> list[tuple[float, float]]:
    """Return the points of the figures called `NAME_SIZE_cpu_us`."""
    sized = re.compile(rf"{name}_(\d+)_cpu_us")
    matches = ((sized.fullmatch(figure), cost) for figure, cost in figures.items())
    return [(float(match[1]), cost) for match, cost in matches if match]


def _keys(work: str) -> dict[str, str]:
    """Return who does a work, by the prefix of the figures; bare consumption only decodes."""
    return {
        ("raw_decode" if key == "raw_{}" and work == "no_op" else key.format(work)): who
        for key, who in _CONTENDERS.items()
    }


def _head(result: dict[str, Any]) -> str:
    at = result["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in at["versions"].items())
    runs = ", ".join(f"{name} {count}" for name, count in result["runs"].items())
    return (
        f"## Measured\n\nBy `{at['command']}` on {at['date']}: {at['cores']} cores "
        f"({at['processor']}), {at['memory_gb']} GB, Python {at['python']}; {versions}.\n"
        "Kafka and MongoDB run beside it on the same machine. CPU is that of the measured\n"
        "process unless a row says otherwise. Figures are medians, in brackets the least and\n"
        f"the most; how often each part was run: {runs}.\n"
    )


def _asked(result: dict[str, Any]) -> str:
    rows = ["| figure | measured | goal | what it is |", "| --- | ---: | ---: | --- |"]
    for name, meaning in ASKED.items():
        measured = value(result, name)
        part, _, figure = name.partition(".")
        shown = "–" if measured is None else _number(measured) + _spread(result, part, figure)
        goal = f"{GOALS[name]:,}" if name in GOALS else ""
        rows.append(f"| `{name}` | {shown} | {goal} | {meaning} |")
    return "\n".join(rows) + "\n"


def _runtime(result: dict[str, Any]) -> str:
    figures = result["runtime"]
    rows = ["## Stream runtime, beside its peers", "", "![CPU an event](bench-runtime.svg)", ""]
    rows += list(_peers(figures))
    rows += ["", "| stage | events/s | CPU µs an event |", "| --- | ---: | ---: |"]
    for stage in ("rules", "scoring"):
        rate, cpu = figures[f"{stage}_events_per_s"], figures[f"{stage}_cpu_us"]
        rows.append(f"| runtime, {stage}, sample day | {rate:,.0f} | {cpu:,.1f} |")
    return "\n".join(rows) + "\n"


def _peers(figures: dict[str, float]) -> Iterator[str]:
    yield "| work | by | events/s | CPU µs an event | state |"
    yield "| --- | --- | ---: | ---: | --- |"
    for work, what in _WORKS.items():
        for key, who in _keys(work).items():
            if f"{key}_cpu_us" not in figures:
                continue
            rate, cpu = figures[f"{key}_events_per_s"], figures[f"{key}_cpu_us"]
            kept = "–" if work != "counting" else _KEPT[key.replace(work, "{}")]
            yield f"| {what} | {who} | {rate:,.0f} | {cpu:,.1f} | {kept} |"


def _section(name: str, result: dict[str, Any]) -> str:
    plot = {"growth": "bench-replicas.svg", "known_members": "bench-members.svg"}.get(name)
    rows = [f"## {name.capitalize().replace('_', ' ')}", ""]
    rows += [f"![CPU an event]({plot})", ""] if plot else []
    rows += ["| figure | value |", "| --- | ---: |"]
    for figure, measured in result[name].items():
        rows.append(f"| `{figure}` | {measured:,.2f}{_spread(result, name, figure)} |")
    return "\n".join(rows) + "\n"


def _spread(result: dict[str, Any], part: str, figure: str) -> str:
    found = result.get("spread", {}).get(part, {}).get(figure)
    return f" ({_number(found[0])} – {_number(found[1])})" if found else ""


def _number(measured: float) -> str:
    return f"{measured:,.0f}" if measured >= 100 else f"{measured:,.2f}"
