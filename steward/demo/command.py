"""`steward demo`: a sample day of twelve groups, streamed through a Steward of its own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Final

import aiohttp
import typer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError
from rich.console import Console

from shared.settings import Settings
from steward.commands.up import addresses
from steward.demo import ground, summary, telling
from steward.demo.account import RefusedError, sign_in_path
from steward.demo.desk import Desk
from steward.demo.run import Run, Stage, open_stage
from steward.demo.streamer import DoorClosedError
from steward.demo.telling import Told
from steward.demo.view import view_for
from steward.installation import FAILURES, Installation
from steward.progress import ConsoleReport
from steward.replicas import CONSOLE
from steward.running import Running, data_directory
from steward.stack.checks import findings
from steward.stopping import interruptible

app = typer.Typer(add_completion=False)

_PIPE_WIDTH: Final = 100
UNANSWERED: Final = (DoorClosedError, RefusedError, aiohttp.ClientError, TimeoutError)
"""What is raised when a service does not do what it is asked to."""

Once = Annotated[bool, typer.Option("--once", help="End after the summary.")]
Seconds = Annotated[float, typer.Option(min=5, max=3600, help="How long telling the day takes.")]
Replicas = Annotated[int, typer.Option(min=1, max=12, help="Processes of each stage service.")]


@app.command()
def demo(once: Once = False, seconds: Seconds = 75, replicas: Replicas = 1) -> None:
    """Stream a sample day through Steward and show what it does.

    About 20,000 events of 12 groups and 600 members go in through the webhook
    door, signed; Steward's webhooks come back to a small demo platform that
    verifies and executes them. Writes var/run/summary.json.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)
    settings = Settings()
    _refuse(console, settings)
    own = ground.fresh(settings, datetime.now(UTC))
    variables = {**ground.variables(own), **_variables(seconds)}
    installation = Installation(data_directory(), own, replicas, variables)
    with interruptible():
        try:
            with ConsoleReport(console) as report:
                running = installation.start(report)
            _clear_earlier(console, settings, installation.settings)
            told = asyncio.run(_play(console, installation, running, seconds, once=once))
        except KeyboardInterrupt:
            console.print("\nStopping …")
            raise typer.Exit(1 if once else 0) from None
        except (*FAILURES, *UNANSWERED) as error:
            console.print(f"[red]{type(error).__name__}:[/] {error}", highlight=False)
            raise typer.Exit(1) from error
        finally:
            installation.end()
    if told.failures:
        raise typer.Exit(1)


def _variables(seconds: float) -> dict[str, str]:
    """Return what the services are told beside the user's settings.

    The platform receives its webhooks on this machine, which notify refuses
    otherwise. A day that is told in a minute has hours without a word that are
    no end of history: timers must not take to the wall clock meanwhile.
    """
    return {
        "STEWARD_NOTIFY_ALLOW_CIDRS": "127.0.0.0/8",
        "STEWARD_IDLE_SECONDS": str(max(10.0, seconds / 2)),
    }


def _clear_earlier(console: Console, user: Settings, own: Settings) -> None:
    """Make room; a run does not depend on it."""
    try:
        asyncio.run(ground.clear_earlier(user, own))
    except (KafkaError, PyMongoError) as error:
        console.print(f"[yellow]What earlier runs left is still there:[/] {error}")


async def _play(
    console: Console, installation: Installation, running: Running, seconds: float, *, once: bool
) -> Told:
    async with open_stage(installation.settings, running) as stage:
        with view_for(console) as view:
            told = await Run(stage, view, seconds, installation.revive).tell()
        summary.show(console, told)
        path = data_directory() / "run" / "summary.json"
        telling.write(told, path)
        console.print(f"Written to {path}.", highlight=False)
        await _furnish(console, stage)
        if not once:
            await _invite(console, stage)
            await _stay(console, installation)
        return told


async def _furnish(console: Console, stage: Stage) -> None:
    """Have an operator work, so that every page of the console shows something; none needs it."""
    try:
        done = await Desk(stage.rest).work()
    except UNANSWERED as error:
        console.print(f"[yellow]An operator's work was left undone:[/] {error}", highlight=False)
        return
    console.print(
        f"Then an operator decided {done.decided} cases, put the rules {done.version} on trial "
        f"and backtested them, and wrote {done.campaigns} campaigns, one of which goes to "
        f"{done.recipients} recipients.",
        highlight=False,
    )


async def _invite(console: Console, stage: Stage) -> None:
    """Say what is to be tried now."""
    _show_console(console, stage.running, await sign_in_path(stage.rest))
    rules, scoring, notify = (stage.running.url(name) for name in ("rules", "scoring", "notify"))
    console.print(addresses(stage.running))
    console.print(f"Try:\n  KEY={stage.account.key}", highlight=False, soft_wrap=True)
    key = '-H "Authorization: Bearer $KEY"'
    for command in (
        f"curl -s {key} '{scoring}/v1/groups?sort=health&limit=3'",
        f"curl -s {key} '{notify}/v1/deliveries?limit=3'",
        (
            f"curl -s {key} {rules}/v1/check -H 'Content-Type: application/json' "
            """-d '{"text": "加薇芯 daigou8866 领福利"}'"""
        ),
    ):
        console.print(f"  {command}", highlight=False, markup=False, soft_wrap=True)
    console.print("Ctrl-C ends everything; the data stay until the next demo.")


def _show_console(console: Console, running: Running, path: str | None) -> None:
    """Print where the console is; the link signs in once, within a quarter of an hour."""
    url = running.url(CONSOLE)
    lines = [f"Console: [b]{url}[/] (sign in with the key below)"]
    if path is not None:
        lines = [f"Console, signed in (works once, for 15 minutes):\n  [b]{url}{path}[/]", *lines]
    console.print("\n".join(lines), highlight=False, soft_wrap=True)


async def _stay(console: Console, installation: Installation) -> None:
    while True:
        await asyncio.sleep(1)
        for name in installation.revive():
            console.print(f"[yellow]{name} ended by itself and was started again[/]")


def _refuse(console: Console, settings: Settings) -> None:
    """End here when something is missing that would stop everything halfway."""
    blocking = [found for found in findings(data_directory(), settings) if found.blocks]
    for finding in blocking:
        console.print(f"[red]✗[/] {finding.says}\n  {finding.fix}", highlight=False)
    if blocking:
        raise typer.Exit(1)
