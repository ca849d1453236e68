"""`steward train classifier FILE...`: fits the classifier's weights on labelled texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from steward.rows import RowsError, read_rows

_NEEDS = "training needs scikit-learn: pip install 'steward[train]'"


def classifier(
    files: Annotated[list[Path], typer.Argument(help="JSON lines of text and label.")],
    output: Annotated[Path, typer.Option(help="Where the weights go.")] = Path("classifier.json"),
) -> None:
    """Fit the heads of each language on labelled texts, and on sentences of our own."""
    try:
        from steward.messages import messages
        from steward.phrases import sentences
        from steward.training import train as fit
    except ImportError as error:
        typer.echo(_NEEDS, err=True)
        raise typer.Exit(1) from error
    try:
        rows = [row for file in files for row in read_rows(file)]
    except (RowsError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    weights = fit(rows, sentences(), messages())
    output.write_bytes(msgspec.json.encode(weights))
    for spoken, heads in weights.heads.items():
        for name, head in heads.items():
            typer.echo(f"{spoken} {name}: {len(head.grams):,} n-grams, {len(head.marks)} marks")
    size = output.stat().st_size / 1e6
    typer.echo(f"{output}: {size:.1f} MB, from {len(rows):,} texts and our own sentences")
