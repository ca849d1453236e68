"""`steward migrate`: topics, collections and indexes."""

from __future__ import annotations

import asyncio

import typer

from steward.running import current_settings

app = typer.Typer(add_completion=False)


@app.command()
def migrate() -> None:
    """Make what is missing in Kafka and MongoDB; running it again changes nothing."""
    from shared.migrate import migrate as make

    settings = current_settings()
    asyncio.run(make(settings))
    typer.echo(f"Topics and database {settings.database} are up to date.")
