"""`steward up`: everything on this machine, until Ctrl-C."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from shared.settings import Settings
from steward.installation import FAILURES, Installation
from steward.preflight import require, show_failure
from steward.progress import ConsoleReport
from steward.replicas import CONSOLE
from steward.running import Running, data_directory
from steward.stopping import interruptible

app = typer.Typer(add_completion=False)

Replicas = Annotated[int, typer.Option(min=1, max=12, help="Processes of each stage service.")]


@app.command()
def up(replicas: Replicas = 1) -> None:
    """Start Kafka, MongoDB, the services and the console, and stay until Ctrl-C.

    Data are kept in var/ across restarts. Servers named in STEWARD_KAFKA and
    STEWARD_MONGO are used instead of local ones.
    """
    console = Console()
    settings = Settings()
    require(console, data_directory(), settings)
    installation = Installation(data_directory(), settings, replicas)
    with interruptible():
        try:
            with ConsoleReport(console) as report:
                running = installation.start(report)
            console.print(addresses(running))
            console.print("Ready. Ctrl-C ends everything; the data stay.")
            _watch(installation, console)
        except KeyboardInterrupt:
            console.print("\nStopping …")
        except FAILURES as error:
            show_failure(console, error)
            raise typer.Exit(1) from error
        finally:
            installation.end()
    console.print("Stopped.")


def addresses(running: Running) -> Table:
    """Return a table of where everything is."""
    table = Table("part", Column("address", overflow="fold"), "documentation")
    table.add_row("Kafka", running.kafka, "")
    table.add_row("MongoDB", running.public_mongo, "")
    for service in running.services:
        documents = "docs/console.md" if service.name == CONSOLE else f"{service.url}/docs"
        table.add_row(service.process, service.url, documents)
    return table


def _watch(installation: Installation, console: Console) -> None:
    while True:
        time.sleep(1)
        for name in installation.revive():
            console.print(f"[yellow]{name} ended by itself and was started again[/]")
