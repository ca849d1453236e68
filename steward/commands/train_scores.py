"""`steward train churn|quiet FILE...`: fit the models that foretell silence."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from services.scoring.logistic import Model
from services.scoring.models import CHURN, QUIET
from steward.evaluation.cases import cases, training_plan
from steward.evaluation.history import read

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", exists=True, help="Activity TSV, or .gz.")
]
Until = Annotated[
    datetime,
    typer.Option(formats=["%Y-%m-%d"], help="Learn only from what was known before this day."),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Where the weights go. Default: into the installed service."),
]


def churn(paths: Files, until: Until, out: Out = None) -> None:
    """Fit the probability that a member falls silent."""
    _train(CHURN, paths, until, out)


def quiet(paths: Files, until: Until, out: Out = None) -> None:
    """Fit the probability that a group falls silent."""
    _train(QUIET, paths, until, out)


def _train(model: str, paths: list[Path], until: datetime, out: Path | None) -> None:
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
    target = out or Path(str(files("services.scoring").joinpath("data", f"{model}.json")))
    keep(fitted, target)
    typer.echo(
        f"{model}: {fitted.samples} cases before {fitted.until}, "
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
