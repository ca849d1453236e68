"""`steward train`: fits the models whose weights are shipped."""

from __future__ import annotations

import typer

from steward.commands.train_classifier import classifier
from steward.commands.train_scores import churn, quiet

app = typer.Typer(
    help="Fit the models whose weights are shipped.", no_args_is_help=True, add_completion=False
)
for _command in (classifier, churn, quiet):
    app.command()(_command)
