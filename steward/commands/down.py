"""`steward down`: ends a running `up`."""

from __future__ import annotations

from contextlib import suppress

import psutil
import typer

from steward.running import data_directory, pid_file
from steward.stack.process import recorded_process, wait_ended

app = typer.Typer(add_completion=False)

STOP_SECONDS = 60


@app.command()
def down() -> None:
    """End what `up` started here, after the services have drained."""
    path = pid_file(data_directory())
    process = recorded_process(path)
    if process is None:
        typer.echo("Steward does not run here.")
        return
    with suppress(psutil.NoSuchProcess):
        process.terminate()
    if not wait_ended(path, STOP_SECONDS):
        typer.echo(f"Process {process.pid} has not ended after {STOP_SECONDS} s.", err=True)
        raise typer.Exit(1)
    typer.echo("Stopped.")
