"""`steward check TEXT`: what the shipped rules say of a text, without any server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.rules.check import Checked, Checker, Context
from services.rules.pack import default_pack
from services.rules.vocabulary import Subject
from services.rules.word_lists.lists import SCOPE, TenantLists
from shared.events import Role
from shared.verdicts import Decision
from steward.refusing import refusing
from steward.word_lists import ListError, read_lists

app = typer.Typer(add_completion=False)

_COLOURS = {Decision.ALLOW: "green", Decision.WATCH: "yellow", Decision.WARN: "dark_orange"}


@app.command()
def check(
    text: Annotated[str, typer.Argument(help="The text to judge.")],
    role: Annotated[Role, typer.Option(help="What its writer is in the group.")] = Role.MEMBER,
    about: Annotated[Subject, typer.Option(help="What the text is.")] = Subject.MESSAGE,
    lists: Annotated[
        Path | None,
        typer.Option(help="Your word lists: a file, or a folder of them.", exists=True),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Judge one text by the shipped rules, in this process."""
    known = _lists(lists)
    checker = Checker(default_pack(), lists=known)
    _warn_of_unread(known)
    checked = checker.check(text, Context(role=role, about=about))
    if json:
        typer.echo(msgspec.json.encode(_plain(checked)).decode())
        return
    console = Console()
    console.print(Text("read as   ", style="dim") + Text(checked.normalised))
    console.print(Text("seen      ", style="dim") + highlighted(text, checked))
    _show_rules(console, checked)
    verdict = checked.verdict
    colour = _COLOURS.get(verdict.decision, "red")
    labels = ", ".join(verdict.labels) or "nothing seen"
    console.print(
        f"[dim]verdict[/]   [bold {colour}]{verdict.decision}[/]  risk {verdict.risk:.2f}  {labels}"
    )
    console.print(f"[dim]rule set  {verdict.rule_set}[/]")


def _lists(place: Path | None) -> TenantLists | None:
    with refusing(ListError, OSError):
        return None if place is None else read_lists(place)


def _warn_of_unread(lists: TenantLists | None) -> None:
    """Say which lists change nothing, as no shipped rule asks for them: a file names its list."""
    asked = {name for condition in default_pack().conditions for name in condition.names}
    prefix = f"{SCOPE}."
    read = sorted(name.removeprefix(prefix) for name in asked if name.startswith(prefix))
    for name in sorted(set(lists.versions if lists else ()) - set(read)):
        there = ", ".join(f"`{each}`" for each in read)
        typer.echo(f"No shipped rule asks for the list `{name}`, only for {there}.", err=True)


def highlighted(text: str, checked: Checked) -> Text:
    """Return the text with everything that rules saw in it marked."""
    shown = Text(text)
    for span in checked.verdict.spans:
        shown.stylize("bold black on yellow", span.start, span.end)
    return shown


def _show_rules(console: Console, checked: Checked) -> None:
    if not checked.verdict.hits:
        return
    table = Table("rule", "label", "weight", "because", "values", box=None, header_style="dim")
    for hit in checked.verdict.hits:
        values = " ".join(f"{name}={value}" for name, value in hit.values.items())
        table.add_row(hit.rule, hit.label, f"{hit.weight:.2f}", hit.because, values)
    console.print(table)


def _plain(checked: Checked) -> dict[str, object]:
    verdict: dict[str, object] = msgspec.to_builtins(checked.verdict)
    return {"normalised": checked.normalised, **verdict}
