"""`steward evaluate FILE...`: how well the shipped rules judge labelled texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from services.rules.check import Checker
from services.rules.evaluation import Figures, figures, judge, taught
from services.rules.pack import default_pack
from steward.rows import RowsError, read_rows

app = typer.Typer(add_completion=False)


@app.command()
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="JSON lines of text and label, or .gz.")],
    feedback: Annotated[
        Path | None, typer.Option(help="Labelled texts to learn from first, as from moderators.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Judge labelled texts by the shipped rules and print precision, recall and false positives."""
    checker = Checker(default_pack())
    try:
        if feedback is not None:
            checker = taught(checker, read_rows(feedback))
        found = {file.name: figures(judge(checker, read_rows(file))) for file in files}
    except (RowsError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if json:
        typer.echo(msgspec.json.encode({"files": found}).decode())
    else:
        _show(found)


def _show(found: dict[str, Figures]) -> None:
    table = Table("file", *Figures.__struct_fields__, box=None, header_style="dim")
    for name, each in found.items():
        values = [getattr(each, field) for field in Figures.__struct_fields__]
        shown = [f"{value:.4f}" if isinstance(value, float) else str(value) for value in values]
        table.add_row(name, *shown)
    Console().print(table)
