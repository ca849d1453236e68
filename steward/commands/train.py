<<<<<<< HEAD
"""`steward train FILE...`: fits the classifier's weights on files of labelled texts."""

from __future__ import annotations

=======
"""`steward train MODEL FILE...`: fit the models that foretell silence."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from importlib.resources import files
>>>>>>> churn
from pathlib import Path
from typing import Annotated

import msgspec
import typer

<<<<<<< HEAD
from steward.rows import RowsError, read_rows

app = typer.Typer(add_completion=False)

_NEEDS = "training needs scikit-learn: pip install 'steward[train]'"
=======
from services.scoring.logistic import Model
from services.scoring.models import CHURN, QUIET
from steward.evaluation.cases import cases, training_plan
from steward.evaluation.history import read

app = typer.Typer(add_completion=False)


class Trained(StrEnum):
    """The models that can be trained."""

    CHURN = CHURN
    QUIET = QUIET
>>>>>>> churn


@app.command()
def train(
<<<<<<< HEAD
    files: Annotated[list[Path], typer.Argument(help="JSON lines of text and label.")],
    output: Annotated[Path, typer.Option(help="Where the weights go.")] = Path("classifier.json"),
) -> None:
    """Fit the spam and abuse heads of each language on labelled texts."""
    try:
        from steward.training import train as fit
    except ImportError as error:
        typer.echo(_NEEDS, err=True)
        raise typer.Exit(1) from error
    try:
        rows = [row for file in files for row in read_rows(file)]
    except (RowsError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    weights = fit(rows)
    output.write_bytes(msgspec.json.encode(weights))
    for spoken, heads in weights.heads.items():
        for name, head in heads.items():
            typer.echo(f"{spoken} {name}: {len(head.grams):,} n-grams, {len(head.marks)} marks")
    typer.echo(f"{output}: {output.stat().st_size / 1e6:.1f} MB, from {len(rows):,} texts")
=======
    model: Annotated[Trained, typer.Argument(help="Of members (churn) or of groups (quiet).")],
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE...", exists=True, help="Activity TSV, or .gz.")
    ],
    until: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="Learn only from what was known before this day."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Where the weights go. Default: into the installed service."),
    ] = None,
) -> None:
    """Fit a model on activity files and keep it beside those with another `until`."""
    try:
        from steward.evaluation.training import TooFewError, fit
    except ImportError as missing:
        typer.echo("Training needs scikit-learn: pip install 'steward[train]'", err=True)
        raise typer.Exit(1) from missing
    try:
        history = read(paths)
        found = cases(history, training_plan(until.date(), history))[model]
        fitted = fit(model, found, until.date().isoformat())
    except (TooFewError, ValueError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    target = out or Path(str(files("services.scoring").joinpath("data", f"{model.value}.json")))
    keep(fitted, target)
    typer.echo(
        f"{model.value}: {fitted.samples} cases before {fitted.until}, "
        f"{fitted.positives} fell silent; weights in {target}"
    )


def keep(fitted: Model, target: Path) -> None:
    """Put a model among those of a file, in order of what they have seen."""
    known = msgspec.json.decode(target.read_bytes(), type=list[Model]) if target.exists() else []
    models = [model for model in known if model.until != fitted.until] + [fitted]
    models.sort(key=lambda model: model.until)
    encoded = msgspec.json.format(msgspec.json.encode(models), indent=1)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(encoded + b"\n")
>>>>>>> churn
