"""`steward audit`: whether the audit log is whole, and evidence as a file."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.rules.review.audit import Head, Verification
from services.rules.review.bundle import broken, bundle
from services.rules.review.case import case_id
from services.rules.review.store import AuditStore, CaseStore
from services.rules.store import FlagStore
from shared.events import TenantId
from shared.mongo import connect
from steward.running import current_settings

app = typer.Typer(
    help="Verify the audit log; export evidence.", no_args_is_help=True, add_completion=False
)
Found = dict[TenantId, tuple[dict[int, Head], Verification]]


@app.command()
def verify(
    tenant: Annotated[str, typer.Option(help="Only this tenant's. Default: everybody's.")] = "",
    file: Annotated[
        Path | None, typer.Option("--bundle", help="A bundle of evidence, instead of the log.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Read every chain and say whether it holds; end with 1 if one does not."""
    if file is not None:
        _verify_bundle(file)
        return
    found = asyncio.run(_verified(TenantId(tenant)))
    if as_json:
        typer.echo(json.dumps({name: _facts(*each) for name, each in found.items()}))
    else:
        for name, (heads, read) in found.items():
            state = "holds" if not read.faults else "DOES NOT HOLD"
            typer.echo(f"{name}: {read.read} entries in {len(heads)} chains: {state}")
            for fault in read.faults:
                typer.echo(f"  chain {fault.chain}, entry {fault.seq}: {fault.what}")
        if not found:
            typer.echo("No audit log.")
    if any(read.faults for _, read in found.values()):
        raise typer.Exit(1)


@app.command()
def export(
    flag: Annotated[str, typer.Argument(help="The flag's id.")],
    tenant: Annotated[str, typer.Option(help="Whose flag it is.")],
    output: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Write the evidence of a flag for an authority, as a chain of hashes."""
    items = asyncio.run(_bundle(TenantId(tenant), flag))
    if items is None:
        typer.echo(f"There is no flag {flag} of {tenant}.", err=True)
        raise typer.Exit(1)
    sealed = {"items": items, "hash": items[-1]["hash"]}
    output.write_text(json.dumps(sealed, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    typer.echo(f"{output}: {len(items)} items, sealed by {sealed['hash']}")


def _verify_bundle(file: Path) -> None:
    try:
        sealed = json.loads(file.read_text(encoding="utf-8"))
        at = broken(sealed["items"])
        whole = at is None and sealed["items"][-1]["hash"] == sealed["hash"]
    except (ValueError, KeyError, IndexError, TypeError):
        raise typer.BadParameter(f"{file} is no bundle of evidence") from None
    if not whole:
        where = "its end" if at is None else f"item {at}"
        typer.echo(f"{file}: DOES NOT HOLD at {where}")
        raise typer.Exit(1)
    typer.echo(f"{file}: {len(sealed['items'])} items: holds")


def _facts(heads: dict[int, Head], read: Verification) -> dict[str, Any]:
    return {
        "holds": not read.faults,
        "entries": read.read,
        "faults": [{"chain": f.chain, "seq": f.seq, "what": f.what} for f in read.faults],
        "heads": {str(chain): [head.seq, head.hash] for chain, head in sorted(heads.items())},
    }


async def _verified(tenant: TenantId) -> Found:
    settings = current_settings()
    async with connect(settings) as client:
        audit = AuditStore(client[settings.database])
        tenants = [tenant] if tenant else await audit.tenants()
        return {each: await audit.verify(each) for each in tenants}


async def _bundle(tenant: TenantId, flag: str) -> list[dict[str, Any]] | None:
    settings = current_settings()
    async with connect(settings) as client:
        database = client[settings.database]
        noted = await FlagStore(database).noted(tenant, flag)
        if noted is None:
            return None
        of = noted.case or case_id(flag)
        case = await CaseStore(database).get(tenant, of)
        entries = await AuditStore(database).about(tenant, of)
        made_at = int(datetime.now(UTC).timestamp() * 1000)
        return bundle(noted, case, entries, made_at, "steward audit export")
