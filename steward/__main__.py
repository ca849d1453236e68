"""Runs the command line as `python -m steward`."""

from steward.cli import app

app()
