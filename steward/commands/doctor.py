"""`steward doctor`: what is missing on this machine, and how to get it."""

from __future__ import annotations

import typer
from rich.console import Console

from shared.settings import Settings
from steward.preflight import show
from steward.running import data_directory, find
from steward.stack.checks import busy_ports, findings

app = typer.Typer(add_completion=False)


@app.command()
def doctor() -> None:
    """Check everything that `up` needs; status 1 when something stops it."""
    console = Console()
    found = findings(data_directory(), Settings())
    if find() is None:
        found += busy_ports()
    show(console, found)
    if any(finding.blocks for finding in found):
        raise typer.Exit(1)
    console.print("Steward can run here.")
