"""`steward dlq`: look at the records that failed, and put them back."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from shared.stream.dead_letter_box import DeadLetter, DeadLetterBox
from steward.running import current_settings

app = typer.Typer(
    help="List or replay the records that failed.", no_args_is_help=True, add_completion=False
)
Stage = Annotated[str, typer.Option(help="Only those of this stage.")]


@app.command("list")
def list_(
    stage: Stage = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what is in the dead letters and why."""
    found = asyncio.run(_letters(stage))
    if as_json:
        for letter in found:
            typer.echo(json.dumps(_facts(letter), ensure_ascii=False))
        return
    if not found:
        typer.echo("No dead letters.")
        return
    table = Table("place", "since", "stage", "origin", "reason", box=None)
    for letter in found:
        facts = _facts(letter)
        table.add_row(*(facts[name] for name in ("place", "since", "stage", "origin", "reason")))
    console = Console()
    console.print(table)
    console.print(
        f"{len(found)} dead letters. Put them back with [bold]steward dlq replay PLACE…[/bold]"
        " (or --all) once the fault is mended; --json shows tracebacks."
    )


@app.command()
def replay(
    places: Annotated[list[str] | None, typer.Argument(help="Places as in `list`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that can be replayed.")] = False,
    stage: Stage = "",
) -> None:
    """Put records back on the topics they came from."""
    if bool(places) == everything:
        raise typer.BadParameter("name places, or use --all")
    try:
        count = asyncio.run(_replay(places or [], stage))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"{count} records are back on their topics.")


async def _letters(stage: str) -> list[DeadLetter]:
    box = DeadLetterBox(current_settings())
    return [one async for one in box.letters() if stage in ("", one.told("stage"))]


async def _replay(places: list[str], stage: str) -> int:
    box = DeadLetterBox(current_settings())
    if places:
        letters = await box.named(places)
    else:
        letters = [one for one in await _letters(stage) if one.can_be_replayed]
    await box.put_back(letters)
    return len(letters)


def _facts(letter: DeadLetter) -> dict[str, str]:
    since = datetime.fromtimestamp(letter.raw.timestamp / 1000, UTC)
    origin = "-".join(
        letter.told(f"origin-{part}") for part in ("topic", "partition", "offset")
    ).strip("-")
    return {
        "place": letter.place,
        "since": f"{since:%Y-%m-%d %H:%M:%S}Z",
        "stage": letter.told("stage"),
        "origin": origin or "a timer",
        "reason": letter.told("reason"),
        "traceback": letter.told("traceback"),
    }
