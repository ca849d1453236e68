"""`steward replay FILE`: brings a community's history in, and says what Steward makes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from shared.events import BaseEvent
from shared.signing import InvalidSecretError
from steward.commands.send import RefusedError, Sender, Tally
from steward.replay import report
from steward.replay.bookmark import Bookmark, Place
from steward.replay.export import Export
from steward.replay.findings import Readings
from steward.replay.formats import FORMATS, Format, detect
from steward.replay.json_items import BrokenExportError
from steward.replay.order import in_order
from steward.replay.sending import Pace, send
from steward.replay.teller import Teller
from steward.running import data_directory, service_url
from steward.stopping import interruptible

app = typer.Typer(add_completion=False)

_INTERRUPTED = 130
_REQUEST_SECONDS = 60.0
_TOLD_EVERY = 500


class Target(NamedTuple):
    """Where the events go, and with which key."""

    url: str
    key: str
    secret: str | None


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(exists=True, help="The export: a file or a directory.")],
    key: Annotated[str, typer.Option(envvar="STEWARD_KEY", help="API key.")],
    format: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(sorted(FORMATS))}; seen by itself.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option(min=0.001, help="Times real time; as fast as possible.")
    ] = None,
    send_actions: Annotated[
        bool, typer.Option("--send-actions", help="Act on the history, as if it happened now.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Begin anew, whatever was sent before.")
    ] = False,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of times that name none, such as Asia/Shanghai.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="CloudEvents source of the events.")] = None,
    url: Annotated[str | None, typer.Option(help="Where ingest is; here by default.")] = None,
    rules_url: Annotated[str | None, typer.Option(help="Where rules is, for the report.")] = None,
    scoring_url: Annotated[
        str | None, typer.Option(help="Where scoring is, for the report.")
    ] = None,
    secret: Annotated[
        str | None, typer.Option(envvar="STEWARD_SECRET", help="Secret of a source that signs.")
    ] = None,
) -> None:
    """Replay the history in FILE with its own times; run it again to go on after a stop."""
    console = Console()
    with ExitStack() as stack:
        export = stack.enter_context(Export(file))
        chosen = _format(export, format)
        zone = _zone(timezone or chosen.zone)
        teller = Teller(source or f"{chosen.name}-export", zone, backfill=not send_actions)
        target = Target(url or service_url("ingest"), key, secret)
        told_as = f"{chosen.name} {teller.source} {zone.key} {send_actions}"
        place = Place.under(
            data_directory(), digest=export.digest(), url=target.url, key=key, told_as=told_as
        )
        if again:
            place.forget()
        bookmark = place.read()
        _announce(console, chosen, bookmark)
        if not bookmark.done:
            _send(console, export, chosen, teller, Pace(speed), target, place, bookmark)
    services = rules_url or service_url("rules"), scoring_url or service_url("scoring")
    _report(console, bookmark, key, *services)
    if bookmark.rejected:
        raise typer.Exit(1)


def _send(
    console: Console,
    export: Export,
    chosen: Format,
    teller: Teller,
    pace: Pace,
    target: Target,
    place: Place,
    bookmark: Bookmark,
) -> None:
    """Send what is left. Ends the command unless all of it went out."""
    tally, begun, before = Tally(), time.monotonic(), bookmark.sent
    headers = {"authorization": f"Bearer {target.key}"}
    failure: str | None = None
    status = 1
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[sent]:,} events"),
        TimeRemainingColumn(),
    )
    with (
        httpx.Client(base_url=target.url, headers=headers, timeout=_REQUEST_SECONDS) as client,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        bar = progress.add_task(export.path.name, total=export.total or None, sent=before)
        sender = Sender(client, target.secret)
        read = partial(progress.update, bar)
        events = _watched(in_order(chosen.read(export, teller)), export, read)
        try:
            with interruptible():
                for _ in send(events, sender, pace, place, bookmark, tally):
                    progress.update(bar, sent=bookmark.sent)
        except KeyboardInterrupt:
            failure, status = "interrupted", _INTERRUPTED
        except (RefusedError, InvalidSecretError, BrokenExportError) as error:
            failure = str(error)
    _sum_up(console, bookmark, tally, bookmark.sent - before, time.monotonic() - begun)
    for what, count in teller.skipped.most_common():
        if count:
            console.print(f"  not told: {count:,} {what}", highlight=False, markup=False)
    if failure is not None:
        console.print(f"Stopped: {failure}", style="red", highlight=False, markup=False)
        console.print("Run the same command again to go on from here.")
        raise typer.Exit(status)


def _watched(
    events: Iterator[BaseEvent], export: Export, update: Callable[..., None]
) -> Iterator[BaseEvent]:
    """Pass events on, and tell how much of the export has been read."""
    for number, event in enumerate(events):
        if number % _TOLD_EVERY == 0:
            update(completed=export.done)
        yield event


def _format(export: Export, name: str | None) -> Format:
    if name is not None:
        if name not in FORMATS:
            raise typer.BadParameter(f"there is no format {name!r}", param_hint="--format")
        return FORMATS[name]
    found = detect(export)
    if found is None:
        known = ", ".join(sorted(FORMATS))
        raise typer.BadParameter(f"not recognised; say --format, one of {known}")
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter(f"there is no zone {name!r}", param_hint="--timezone") from None


def _announce(console: Console, chosen: Format, bookmark: Bookmark) -> None:
    text = f"Format: {chosen.name}."
    if bookmark.done:
        text += f" All {bookmark.sent:,} events were sent before; --again sends them again."
    elif bookmark.sent:
        text += f" {bookmark.sent:,} events were sent before; going on after them."
    console.print(text, highlight=False)


def _sum_up(console: Console, bookmark: Bookmark, tally: Tally, sent: int, seconds: float) -> None:
    retries = f", {tally.retries:,} retries" if tally.retries else ""
    console.print(
        f"{sent:,} events sent in {seconds:.0f} s ({sent / max(seconds, 0.001):,.0f} a second): "
        f"{tally.accepted:,} accepted, {tally.rejected:,} rejected{retries}",
        highlight=False,
    )
    for reason in tally.reasons:
        console.print(f"  event {reason}", highlight=False, markup=False)
    if bookmark.last:
        span = (f"{datetime.fromtimestamp(t / 1000, UTC):%Y-%m-%d}" for t in
                (bookmark.first, bookmark.last))  # fmt: skip
        console.print(f"History from {' to '.join(span)}.", highlight=False)


def _report(console: Console, bookmark: Bookmark, key: str, rules: str, scoring: str) -> None:
    if not bookmark.last:
        console.print("There is no event in it.")
        return
    headers = {"authorization": f"Bearer {key}"}
    with (
        httpx.Client(base_url=rules, headers=headers, timeout=_REQUEST_SECONDS) as to_rules,
        httpx.Client(base_url=scoring, headers=headers, timeout=_REQUEST_SECONDS) as to_scoring,
    ):
        readings = Readings(to_rules, to_scoring)
        try:
            with console.status("Waiting until Steward has taken it in …"):
                settled = readings.settle(bookmark.last)
            if not settled:
                console.print("Steward is still at it; what follows is as far as it has come.")
            report.show(console, readings.find(bookmark.first, bookmark.last))
        except httpx.HTTPError as error:
            console.print(f"There is no report: {error}", style="yellow", markup=False)
            raise typer.Exit(1) from None
