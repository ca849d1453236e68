"""`steward backtest PACK`: what a pack would have said of events that are kept in an archive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import typer
from rich.console import Console
from rich.table import Table

from services.rules.backtests.replay import Backtest, Report, warm_up
from services.rules.pack import Pack, PackError, default_pack, load
from services.rules.word_lists.lists import WordLists
from shared.events import BaseEvent, Event, Millis
from steward.refusing import refusing
from steward.word_lists import ListError, SameLists, fetched_lists, read_lists

app = typer.Typer(add_completion=False)


class EventError(ValueError):
    """A line of a file is no event; says which and why."""


@app.command()
def backtest(
    pack: Annotated[Path, typer.Argument(help="The pack to try, in YAML.", exists=True)],
    start: Annotated[datetime, typer.Option("--from", help="From this moment on, UTC.")],
    end: Annotated[datetime, typer.Option("--to", help="Before this moment, UTC.")],
    events: Annotated[
        Path | None,
        typer.Option(help="Events as the archive gives them, one JSON a line.", exists=True),
    ] = None,
    archive: Annotated[str, typer.Option(help="Where ingest is.")] = "http://127.0.0.1:8080",
    key: Annotated[
        str, typer.Option(envvar="STEWARD_KEY", help="A key with the scope `review`.")
    ] = "",
    against: Annotated[
        Path | None, typer.Option(help="The pack to compare with; the shipped one.", exists=True)
    ] = None,
    lists: Annotated[
        str,
        typer.Option(
            help="Your word lists: a file, a folder, or where rules is (http://127.0.0.1:8081)."
        ),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Fold past events through a pack and another, and say what would have changed."""
    candidate, settled = _pack(pack), default_pack() if against is None else _pack(against)
    first, last = _millis(start), _millis(end)
    since = Millis(first - warm_up((settled, candidate)))
    found = _of_file(events) if events is not None else _of_archive(archive, key, since, last)
    test = Backtest(settled, candidate, first, _lists(lists, key))
    with refusing(EventError):
        for event in found:
            if since <= event.time < last:
                test.see(event)
    report = test.report()
    if json:
        typer.echo(msgspec.json.encode(report).decode())
    else:
        _show(report)


def _pack(path: Path) -> Pack:
    with refusing(PackError):
        return load(path.read_text(encoding="utf-8"), str(path))


def _lists(place: str, key: str) -> WordLists | None:
    """Return the lists of a file, a folder or the key's tenant; None where none are given."""
    if not place:
        return None
    with refusing(ListError, OSError, httpx.HTTPError):
        if place.startswith(("http://", "https://")):
            return SameLists(fetched_lists(place.rstrip("/"), key))
        return SameLists(read_lists(Path(place)))


def _of_file(path: Path) -> Iterator[BaseEvent]:
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Event)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    event: BaseEvent = decoder.decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    message = f"{path}:{number}: not an event as the archive gives it: {error}"
                    raise EventError(message) from error
                yield event


def _of_archive(url: str, key: str, start: Millis, end: Millis) -> Iterator[BaseEvent]:
    params: dict[str, Any] = {"from": _iso(start), "to": _iso(end), "limit": 200}
    with httpx.Client(headers={"authorization": f"Bearer {key}"}, timeout=30) as client:
        while True:
            answer = client.get(f"{url}/v1/archive", params=params)
            if answer.is_error:
                typer.echo(f"{url}: {answer.status_code} {answer.text}", err=True)
                raise typer.Exit(1)
            page = answer.json()
            yield from msgspec.convert(page["items"], list[Event])
            if page["next"] is None:
                return
            params["cursor"] = page["next"]


def _show(report: Report) -> None:
    console = Console()
    console.print(f"{report.events} events, after {report.warmed_up_with} to warm up")
    console.print(f"[dim]in force[/]   {report.settled}\n[dim]candidate[/]  {report.candidate}")
    changes = Table("would change", "events", box=None, header_style="dim")
    for change, count in report.changes.items():
        changes.add_row(change, str(count))
    console.print(changes if report.changes else "nothing would change")
    rules = Table("rule", "in force", "candidate", box=None, header_style="dim")
    for name, counts in report.rules.items():
        if counts.settled != counts.candidate:
            rules.add_row(name, str(counts.settled), str(counts.candidate))
    if rules.row_count:
        console.print(rules)


def _millis(moment: datetime) -> Millis:
    return Millis(int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000))


def _iso(moment: Millis) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat()
