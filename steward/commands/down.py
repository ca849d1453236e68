"""`steward down`: ends a running `up`."""

from __future__ import annotations

import psutil
import typer

from steward.running import data_directory, pid_file
from steward.stack.process import recorded_process

app = typer.Typer(add_completion=False)

STOP_SECONDS = 60


@app.command()
def down() -> None:
    """End what `up` started here, after the services have drained."""
    process = recorded_process(pid_file(data_directory()))
    if process is None:
        typer.echo("Steward does not run here.")
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except psutil.TimeoutExpired:
        typer.echo(f"Process {process.pid} has not ended after {STOP_SECONDS} s.", err=True)
        raise typer.Exit(1) from None
    typer.echo("Stopped.")
