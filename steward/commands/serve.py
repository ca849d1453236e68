"""`steward serve`: one service in the foreground."""

from __future__ import annotations

import runpy
from typing import Annotated

import typer

from shared.settings import DEFAULT_PORTS

app = typer.Typer(add_completion=False)

Service = Annotated[str, typer.Argument(help=f"One of {', '.join(DEFAULT_PORTS)}.")]


@app.command()
def serve(service: Service) -> None:
    """Run one service; its settings come from STEWARD_* variables."""
    if service not in DEFAULT_PORTS:
        raise typer.BadParameter(f"there is no service {service!r}; try {', '.join(DEFAULT_PORTS)}")
    runpy.run_module(f"services.{service}", run_name="__main__", alter_sys=True)
