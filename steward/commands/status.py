"""`steward status`: what runs, where, and whether it is ready."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import typer
from rich.console import Console
from rich.table import Column, Table

from steward.replicas import readiness
from steward.running import Running, data_directory, find
from steward.stack.kafka import answers
from steward.stack.mongo import takes_writes
from steward.stack.process import recorded_process

app = typer.Typer(add_completion=False)

READY = "ready"


@app.command()
def status() -> None:
    """Show the processes of a running `up`; status 1 unless all are ready."""
    console = Console()
    running = find()
    if running is None:
        console.print("Steward does not run here. Start it: steward up")
        raise typer.Exit(1)
    table = Table("process", "pid", "memory", Column("address", overflow="fold"), "state")
    states = []
    for name, address, state in parts(running):
        states.append(state)
        colour = "green" if state == READY else "red"
        process = recorded_process(data_directory() / "run" / f"{name}.pid")
        table.add_row(name, *usage(process), address, f"[{colour}]{state}[/]")
    console.print(table)
    raise typer.Exit(0 if all(state == READY for state in states) else 1)


def parts(running: Running) -> Iterator[tuple[str, str, str]]:
    """Yield the name, address and state of each part, asking each whether it is ready."""
    server = running.kafka.split(",")[0]
    host, port = server.rsplit(":", 1)
    yield "kafka", running.kafka, READY if answers(host, int(port)) else "no answer"
    yield "mongod", running.public_mongo, READY if takes_writes(running.mongo) else "no answer"
    for service in running.services:
        yield service.process, service.url, readiness(service.url)


def usage(process: psutil.Process | None) -> tuple[str, str]:
    """Return a process's id and resident memory, for people to read."""
    if process is None:
        return "–", "–"
    return str(process.pid), f"{process.memory_info().rss / 2**20:.0f} MB"
