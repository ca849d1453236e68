"""`steward migrate`: topics, collections and indexes."""

from __future__ import annotations

import asyncio

import typer

from steward.migrate import migrate as make_missing
from steward.running import current_settings

app = typer.Typer(add_completion=False)


@app.command()
def migrate() -> None:
    """Make what is missing in Kafka and MongoDB; running it again changes nothing."""
    settings = current_settings()
    asyncio.run(make_missing(settings))
    typer.echo(f"Topics and database {settings.database} are up to date.")
