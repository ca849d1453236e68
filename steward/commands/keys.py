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
from shared.web.keys import COMMAND_LINE, ApiKey, ApiKeys, Limits
from shared.web.scopes import Scope
from steward.running import current_settings

app = typer.Typer(help="Create, list, rotate and revoke API keys.", no_args_is_help=True)

T = TypeVar("T")
Tenant = Annotated[str | None, typer.Option(help="Only this tenant's keys.")]
KeyId = Annotated[str, typer.Argument(help="Its id, from `keys list`.")]
Most = Annotated[int | None, typer.Option(min=1, help="Most of them, for each replica of ingest.")]

_TENANT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_MOST_LINES: Final = 100


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="Whose data the key opens.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    expires: Annotated[str | None, typer.Option(help="How long it is valid: 12h, 90d, 8w.")] = None,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it opens; say it again for more. Default: all.")
    ] = None,
    requests_per_second: Most = None,
    events_per_second: Most = None,
    events_per_day: Most = None,
) -> None:
    """Make a key and print it. It is shown this once."""
    if not _TENANT.fullmatch(tenant):
        raise typer.BadParameter("a tenant has up to 64 letters, digits, '.', '_' and '-'")
    expires_at = None if expires is None else datetime.now(UTC) + parse_span(expires)
    limits = Limits(
        requests_per_second=requests_per_second,
        events_per_second=events_per_second,
        events_per_day=events_per_day,
    )
    secret, key = _run(
        lambda keys: keys.create(
            TenantId(tenant), name, expires_at, scopes=scope or None, limits=limits
        )
    )
    typer.echo(secret)
    until = "" if expires_at is None else f", valid until {_minute(expires_at)} UTC"
    typer.echo(f"{key.id} for tenant {tenant}{until}. Keep it: it is not shown again.", err=True)


@app.command("list")
def list_keys(tenant: Tenant = None) -> None:
    """Show what is known of the keys: everything but the keys."""
    found = _run(lambda keys: keys.of_tenant(_tenant(tenant)))
    table = Table("id", "tenant", "name", "ends in", "opens", "created", "last used", "state")
    now = datetime.now(UTC)
    for key in found:
        opens = "all" if key.scopes is None else " ".join(sorted(key.scopes))
        used = "–" if key.last_used_at is None else _minute(key.last_used_at)
        created = _minute(key.created_at)
        table.add_row(
            key.id, key.tenant, key.name, key.last_four, opens, created, used, state(key, now)
        )
    Console().print(table)


@app.command()
def rotate(
    key_id: KeyId,
    grace: Annotated[str, typer.Option(help="How long the old one is good: 12h, 7d.")] = "24h",
) -> None:
    """Give a key a new secret and print it. The one before stays good for a while."""
    span = parse_span(grace)
    rotated = _run(lambda keys: keys.rotate(key_id, span, by=COMMAND_LINE))
    if rotated is None:
        raise _no_key(key_id)
    secret, key = rotated
    typer.echo(secret)
    until = "" if key.previous_until is None else _minute(key.previous_until)
    typer.echo(f"{key.id} has this secret now; the one before is good until {until} UTC.", err=True)


@app.command()
def revoke(key_id: KeyId) -> None:
    """Make a key worthless, everywhere within half a minute."""
    if not _run(lambda keys: keys.revoke(key_id)):
        raise _no_key(key_id)
    typer.echo(f"Revoked {key_id}.")


@app.command("log")
def show_log(tenant: Tenant = None) -> None:
    """Show what was done to the keys, the latest first."""
    found = _run(lambda keys: keys.changes(_tenant(tenant), None, _MOST_LINES))
    table = Table("at", "tenant", "key", "change", "by")
    for line in found:
        table.add_row(_minute(line.at), line.tenant, line.key, line.change.value, line.by)
    Console().print(table)


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


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _tenant(name: str | None) -> TenantId | None:
    return None if name is None else TenantId(name)


def _no_key(key_id: str) -> typer.Exit:
    typer.echo(f"There is no valid key {key_id}.", err=True)
    return typer.Exit(1)


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
