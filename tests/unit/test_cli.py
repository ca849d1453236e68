from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import typer
from typer.testing import CliRunner

from steward.cli import SUBCOMMANDS, Subcommand, app


def test_help_names_every_subcommand() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    assert [each.name for each in SUBCOMMANDS if each.name not in shown] == []


@pytest.mark.parametrize("subcommand", SUBCOMMANDS, ids=lambda each: each.name)
def test_every_subcommand_is_there(subcommand: Subcommand) -> None:
    assert isinstance(import_module(subcommand.module).app, typer.Typer)


def test_help_imports_no_subcommand() -> None:
    """Help must come at once, and the subcommands' libraries take a second to import."""
    script = (
        "import sys\nfrom steward.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'pymongo', 'aiokafka', 'fastapi', 'pydantic'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_arguments_and_options_reach_the_subcommand() -> None:
    result = CliRunner().invoke(app, ["serve", "nothing-of-the-kind"])
    assert result.exit_code == 2
    assert "there is no service" in result.output
