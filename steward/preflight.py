"""Shows what was checked before anything starts, and ends the command when something is missing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.markup import escape

from shared.settings import Settings
from steward.stack.checks import Finding, State, findings

_MARKS: Final = {
    State.GOOD: "[green]✓[/]",
    State.NOTICE: "[yellow]•[/]",
    State.MISSING: "[red]✗[/]",
}


def show(console: Console, found: Iterable[Finding]) -> None:
    """Print each finding, and below it what puts it right."""
    for finding in found:
        lines = [f"{_MARKS[finding.state]} {escape(finding.says)}"]
        if finding.fix:
            lines.append(f"  {escape(finding.fix)}")
        console.print("\n".join(lines), highlight=False, soft_wrap=True)


def require(console: Console, data: Path, settings: Settings) -> None:
    """Say what is missing, and end here rather than halfway.

    Raises:
        typer.Exit: with status 1, when something is missing.
    """
    missing = [finding for finding in findings(data, settings) if finding.blocks]
    show(console, missing)
    if missing:
        raise typer.Exit(1)


def show_failure(console: Console, error: Exception) -> None:
    """Print what kept Steward from starting; its message is for people."""
    console.print(f"[red]✗[/] {escape(str(error))}", highlight=False, soft_wrap=True)
