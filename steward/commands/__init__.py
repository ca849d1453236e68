"""The subcommands of `steward`, one module each, exposing a typer application named `app`."""
