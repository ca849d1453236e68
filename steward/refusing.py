"""How a command refuses what it was given: with the reason, and exit status 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def refusing(*errors: type[Exception]) -> Iterator[None]:
    """Say on stderr which of these errors was raised, and end the command with status 2."""
    try:
        yield
    except errors as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
