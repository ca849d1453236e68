"""`steward doctor`: what is missing on this machine, and how to get it."""

from __future__ import annotations

from typing import Final

import typer
from rich.console import Console

from shared.settings import Settings
from steward.running import data_directory, find
from steward.stack.checks import State, busy_ports, findings

MARKS: Final = {State.GOOD: "[green]✓[/]", State.NOTICE: "[yellow]•[/]", State.MISSING: "[red]✗[/]"}

app = typer.Typer(add_completion=False)


@app.command()
def doctor() -> None:
    """Check everything that `up` needs; status 1 when something stops it."""
    console = Console()
    found = findings(data_directory(), Settings())
    if find() is None:
        found += busy_ports()
    for finding in found:
        console.print(f"{MARKS[finding.state]} {finding.says}", highlight=False)
        if finding.fix:
            console.print(f"  {finding.fix}", highlight=False)
    if any(finding.blocks for finding in found):
        raise typer.Exit(1)
    console.print("Steward can run here.")
