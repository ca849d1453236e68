"""`steward evaluate-scores FILE... --from DATE`: hold the scores against what happened later."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from services.scoring.logistic import Model
from services.scoring.models import CHURN, QUIET, known_by, shipped
from steward.evaluation.cases import Case, cases, evaluation_plan, outcomes
from steward.evaluation.history import read
from steward.evaluation.measures import auc, brier, calibration

app = typer.Typer(add_completion=False)


@app.command()
def evaluate(
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE...", exists=True, help="Activity TSV, or .gz.")
    ],
    start: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Judge from this day on (UTC).")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replay activity through the scoring service and compare what it foretold with what came."""
    try:
        history = read(paths)
    except (ValueError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    date = start.date()
    found = cases(history, evaluation_plan(date, history))
    report: dict[str, Any] = {"from": date.isoformat()}
    for name in (CHURN, QUIET):
        report |= _report(name, found[name], date.isoformat())
    if json:
        typer.echo(msgspec.json.encode(report).decode())
    else:
        _show(report)


def _report(name: str, foretold: list[Case], date: str) -> dict[str, Any]:
    """Judge by the weights that have seen nothing from `date` on, or else say that they have."""
    fair = known_by(name, date)
    model: Model = fair or shipped(name)[0]
    judged = outcomes(foretold, model)
    return {
        f"{name}_auc": _rounded(auc(judged)),
        f"{name}_brier": _rounded(brier(judged)),
        f"{name}_n": len(judged),
        f"{name}_silent": sum(outcome.true for outcome in judged),
        f"{name}_trained_until": model.until,
        f"{name}_trained_on_later": fair is None,
        f"{name}_calibration": [each._asdict() for each in calibration(judged)],
    }


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)


def _show(report: dict[str, Any]) -> None:
    console = Console()
    for name in (CHURN, QUIET):
        heading = (
            f"{name}: AUC {report[f'{name}_auc']}, Brier {report[f'{name}_brier']}, "
            f"{report[f'{name}_n']} cases, weights of {report[f'{name}_trained_until']}"
        )
        table = Table("cases", "foretold", "came true", "95 %", title=heading, box=None)
        for each in report[f"{name}_calibration"]:
            interval = f"{each['low']:.0%}-{each['high']:.0%}"
            table.add_row(
                str(each["n"]), f"{each['foretold']:.0%}", f"{each['came_true']:.0%}", interval
            )
        console.print(table)
