"""The command `steward`: its subcommands, each imported only when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Final, NamedTuple

import typer

from shared.invalid_settings import InvalidSettingsError

app = typer.Typer(
    name="steward",
    help="Keeps online communities alive and clean.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)


class Subcommand(NamedTuple):
    """A subcommand's name, the module that has its typer application `app`, and a summary."""

    name: str
    module: str
    summary: str


SUBCOMMANDS: Final = (
    Subcommand("up", "steward.commands.up", "Start Kafka, MongoDB, the services and the console."),
    Subcommand("down", "steward.commands.down", "End what `up` started."),
    Subcommand("status", "steward.commands.status", "Show what runs and whether it is ready."),
    Subcommand("doctor", "steward.commands.doctor", "Say what is missing here, and how to get it."),
    Subcommand("demo", "steward.demo.command", "Stream a sample day and show what Steward does."),
    Subcommand("keys", "steward.commands.keys", "Create, list and revoke API keys."),
    Subcommand("audit", "steward.commands.audit", "Verify the audit log; export evidence."),
    Subcommand("check", "steward.commands.check", "Judge one text."),
    Subcommand("backtest", "steward.commands.backtest", "Try a pack on events that happened."),
    Subcommand("evaluate", "steward.commands.evaluate", "Judge files of labelled texts."),
    Subcommand("send", "steward.commands.send", "Send the events of a file."),
    Subcommand("replay", "steward.commands.replay", "Bring in the history of a community."),
    Subcommand("dlq", "steward.commands.dlq", "List or replay the records that failed."),
    Subcommand(
        "evaluate-scores", "steward.commands.evaluate_scores", "Hold the scores against history."
    ),
    Subcommand("train", "steward.commands.train", "Fit the models whose weights are shipped."),
    Subcommand("migrate", "steward.commands.migrate", "Make topics, collections and indexes."),
    Subcommand("serve", "steward.commands.serve", "Run one service in the foreground."),
)

_PASS_ON: Final = {
    "ignore_unknown_options": True,
    "allow_extra_args": True,
    "allow_interspersed_args": False,
    "help_option_names": [],
}
"""Leaves all arguments, `--help` too, to the application that is imported."""


def _register(subcommand: Subcommand) -> None:
    @app.command(subcommand.name, help=subcommand.summary, context_settings=_PASS_ON)
    def run(context: typer.Context) -> None:
        module = import_module(subcommand.module)
        try:
            module.app(args=context.args, prog_name=f"steward {subcommand.name}")
        except InvalidSettingsError as error:
            typer.echo(error, err=True)
            raise typer.Exit(2) from None


for _subcommand in SUBCOMMANDS:
    _register(_subcommand)


@app.callback()
def _steward() -> None:
    """Keep online communities alive and clean."""
