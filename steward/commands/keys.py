"""`steward keys`: API keys, made and revoked in MongoDB directly."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, TypeVar

import typer
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from shared.events import TenantId
from shared.mongo import connect
from shared.web.keys import ApiKey, ApiKeys
from steward.running import current_settings

app = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)

T = TypeVar("T")

_TENANT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="Whose data the key opens.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    expires: Annotated[str | None, typer.Option(help="How long it is valid: 12h, 90d, 8w.")] = None,
) -> None:
    """Make a key and print it. It is shown this once."""
    if not _TENANT.fullmatch(tenant):
        raise typer.BadParameter("a tenant has up to 64 letters, digits, '.', '_' and '-'")
    expires_at = None if expires is None else datetime.now(UTC) + parse_span(expires)
    secret, key = _run(lambda keys: keys.create(TenantId(tenant), name, expires_at))
    typer.echo(secret)
    until = "" if expires_at is None else f", valid until {expires_at:%Y-%m-%d %H:%M} UTC"
    typer.echo(f"{key.id} for tenant {tenant}{until}. Keep it: it is not shown again.", err=True)


@app.command("list")
def list_keys(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's keys.")] = None,
) -> None:
    """Show what is known of the keys: everything but the keys."""
    found = _run(lambda keys: keys.of_tenant(None if tenant is None else TenantId(tenant)))
    table = Table("id", "tenant", "name", "ends in", "created", "state")
    now = datetime.now(UTC)
    for key in found:
        created = f"{key.created_at:%Y-%m-%d %H:%M}"
        table.add_row(key.id, key.tenant, key.name, key.last_four, created, state(key, now))
    Console().print(table)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="Its id, from `keys list`.")]) -> None:
    """Make a key worthless, everywhere within half a minute."""
    if not _run(lambda keys: keys.revoke(key_id)):
        typer.echo(f"There is no valid key {key_id}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Revoked {key_id}.")


def parse_span(text: str) -> timedelta:
    """Return a length of time such as `12h`, `90d` or `8w`. Raises `typer.BadParameter`."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise typer.BadParameter("a length of time is like 12h, 90d or 8w")
    return int(found[1]) * _UNITS[found[2]]


def state(key: ApiKey, now: datetime) -> str:
    """Say in a word or two whether a key is good."""
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "valid"
    return f"until {key.expires_at:%Y-%m-%d}" if now < key.expires_at else "expired"


def _run(use: Callable[[ApiKeys], Awaitable[T]]) -> T:
    async def connected() -> T:
        settings = current_settings()
        async with connect(settings) as client:
            return await use(ApiKeys(client[settings.database]))

    try:
        return asyncio.run(connected())
    except PyMongoError as error:
        typer.echo(f"MongoDB cannot be used: {error}", err=True)
        raise typer.Exit(1) from None
