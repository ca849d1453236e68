"""The report at the end of a replay, for people: flags, who matters, which groups are in danger."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from steward.replay.findings import Findings

IN_DANGER: Final = 50
"""Below this health, three groups in ten fell silent within four weeks (docs/scoring.md)."""
_MOST_ROWS: Final = 10
_EXCERPT: Final = 60


def show(console: Console, findings: Findings) -> None:
    """Print what was found."""
    _flags(console, findings)
    _leaders(console, findings)
    _groups(console, findings)


def _flags(console: Console, findings: Findings) -> None:
    title = f"What Steward flagged: {len(findings.flags):,}{'+' if findings.more else ''} events"
    _headline(console, title)
    if not findings.flags:
        console.print("  nothing")
        return
    labels = ", ".join(f"{label} {count:,}" for label, count in findings.labels.most_common())
    console.print(f"  {labels}", highlight=False, markup=False)
    where = Counter(flag["group"] for flag in findings.flags).most_common(5)
    listed = ", ".join(f"{group} {count:,}" for group, count in where)
    console.print(f"  most in: {listed}", highlight=False, markup=False)
    table = _table("risk", "decision", "group", "member", "text", "because")
    for flag in sorted(findings.flags, key=lambda flag: -flag["risk"])[:_MOST_ROWS]:
        because = flag["hits"][0]["because"] if flag["hits"] else ""
        text = _excerpt(str(flag["event"].get("text", "")))
        _row(table, f"{flag['risk']:.2f}", flag["decision"], flag["group"], flag["member"], text,
             because)  # fmt: skip
    console.print(table)


def _leaders(console: Console, findings: Findings) -> None:
    _headline(console, "Who matters")
    table = _table("score", "layer", "member", "group", "messages")
    for item in findings.leaders:
        member = item["member"]
        name = member.get("name") or member["member"]
        messages = str(member.get("counts", {}).get("messages", ""))
        _row(table, f"{member['score']:.0f}", member["layer"], name, member["group"], messages)
    console.print(table if findings.leaders else "  nobody yet")


def _groups(console: Console, findings: Findings) -> None:
    alive = [group for group in findings.groups if group["stage"] != "dead"]
    danger = [group for group in alive if group["health"] < IN_DANGER]
    dead = len(findings.groups) - len(alive)
    title = f"Groups in danger: {len(danger)} of {len(findings.groups)}"
    _headline(console, f"{title}, as of the end of the history")
    table = _table("health", "stage", "group", "members", "messages (28 days)", "why")
    shown = danger[:_MOST_ROWS] or alive[:3]
    for group in shown:
        figures = f"{group['members']:,}", f"{group['messages']:,}"
        _row(table, str(group["health"]), group["stage"], group["group"], *figures, _why(group))
    console.print(table)
    if len(danger) > len(shown):
        console.print(f"  … and {len(danger) - len(shown)} more", highlight=False)
    if dead:
        console.print(f"  dead, in which no member writes any more: {dead}", highlight=False)


def _why(group: dict[str, Any]) -> str:
    """Its stage's reason where it is silent, else the part that costs it most of its health."""
    if group["stage"] in ("quiet", "dead"):
        return str(group["because"])
    worst = max(group["explain"], key=lambda part: (1 - part["value"]) * part["weight"])
    return str(worst["because"])


def _headline(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="dim", pad_edge=True)


def _row(table: Table, *cells: str) -> None:
    table.add_row(*(Text(cell, overflow="ellipsis") for cell in cells))


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT]}…"
