"""The live view of the day: a screen on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from steward.demo.board import Board, GroupState, Leader

_MOST_ROWS: Final = 7
_FRAME_LINES: Final = 10
"""Lines that go to the heading and the frames around the panels."""
_GROUP_CELLS: Final = 14
_LINES_EVERY: Final = 5.0
_DANGER: Final = 55
_WORRY: Final = 70


class View(Protocol):
    """Shows the board as it changes."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def show(self, board: Board) -> None:
        """Show the board as it is now."""


def view_for(console: Console) -> View:
    """Return the view that suits where the output goes."""
    return Screen(console) if console.is_terminal else Lines(console)


class Screen:
    """Fills the terminal and is repainted in place."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=8, transient=True, screen=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, board: Board) -> None:
        self._live.update(render(board, self._live.console.height))


class Lines:
    """Prints a line every few seconds, and one for each new flag of the latest."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._printed = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def show(self, board: Board) -> None:
        now = time.monotonic()
        if now - self._printed < _LINES_EVERY:
            return
        self._printed = now
        latest = board.flags[0] if board.flags else None
        flagged = f", latest: {latest.group} {'+'.join(latest.labels)}" if latest else ""
        note = f" ({board.note})" if board.note else ""
        self._console.print(
            f"{board.clock}  {board.sent:,}/{board.total:,} events, {board.flagged} flagged, "
            f"{board.webhooks.total()} webhooks{flagged}{note}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def render(board: Board, height: int = 40) -> RenderableType:
    """Lay the board out for a terminal of 100 columns or more and `height` lines.

    Each row of panels gets as many lines as there is room for, from 3 to 7;
    a flag takes two.
    """
    rows = max(3, min(_MOST_ROWS, (height - 1 - _FRAME_LINES) // 3))
    top = Table.grid(expand=True)
    top.add_column(ratio=3)
    top.add_column(ratio=2)
    top.add_row(_coming_in(board, rows), _webhooks(board, rows))
    bottom = Table.grid(expand=True)
    bottom.add_column(ratio=2)
    bottom.add_column(ratio=3)
    bottom.add_row(_leaders(board.leaders, rows), _groups(board.groups, rows))
    return Group(_heading(board), top, _flags(board, (rows + 1) // 2 + 1), bottom)


def _heading(board: Board) -> RenderableType:
    line = Table.grid(expand=True, padding=(0, 1))
    line.add_column(no_wrap=True)
    line.add_column(ratio=1)
    line.add_column(no_wrap=True, justify="right")
    figures = Text.from_markup(
        f"[b]{board.sent:,}[/] of {board.total:,} events  [b]{board.rate:,.0f}[/]/s"
    )
    line.add_row(
        Text.from_markup(f"[b cyan]Steward[/] · a sample day  [b reverse] {board.clock} [/]"),
        ProgressBar(total=board.total, completed=board.sent),
        figures,
    )
    return Panel(line, border_style="cyan", subtitle=escape(board.note) or None)


def _coming_in(board: Board, height: int) -> RenderableType:
    table = _table()
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, style="cyan", max_width=_GROUP_CELLS)
    table.add_column(no_wrap=True, max_width=10)
    table.add_column(no_wrap=True, ratio=1)
    rows = board.coming_in[:height]
    for each in rows:
        table.add_row(
            *map(Text, (each.clock, _cut(each.group, _GROUP_CELLS), _cut(each.who, 10), each.what))
        )
    _pad(table, len(rows), height)
    return Panel(table, title="Coming in", title_align="left")


def _webhooks(board: Board, height: int) -> RenderableType:
    table = _table()
    table.add_column(no_wrap=True, ratio=1)
    table.add_column(justify="right")
    rows = board.webhooks.most_common(height - 1)
    for kind, count in rows:
        table.add_row(kind, f"{count:,}")
    _pad(table, len(rows), height - 1)
    states = board.deliveries
    table.add_row(
        Text.from_markup(
            f"[green]{states['succeeded']:,} ok[/]  [yellow]{states['pending']:,} under way[/]  "
            f"[red]{states['dead']:,} failed[/]"
        )
    )
    return Panel(table, title="Webhooks out", title_align="left")


def _flags(board: Board, height: int) -> RenderableType:
    lines: list[RenderableType] = []
    for flag in board.flags[:height]:
        said = _table()
        said.add_column(no_wrap=True, style="dim")
        said.add_column(no_wrap=True, style="cyan")
        said.add_column(no_wrap=True, ratio=1)
        said.add_column(no_wrap=True, style="b red")
        said.add_row(
            *map(Text, (flag.clock, flag.group, f"{flag.who}: {flag.what}", flag.decision))
        )
        because = Text(
            f"      ↳ {', '.join(flag.labels)}: {flag.because}", style="yellow", no_wrap=True
        )
        because.overflow = "ellipsis"
        lines += [said, because]
    lines += [Text("")] * (2 * (height - len(board.flags[:height])))
    title = f"Flagged, and why: {board.flagged:,} so far, latest first"
    return Panel(Group(*lines), title=title, title_align="left", border_style="yellow")


def _leaders(leaders: Sequence[Leader], height: int) -> RenderableType:
    table = _table()
    table.add_column(no_wrap=True, ratio=1)
    table.add_column(no_wrap=True, style="cyan", max_width=_GROUP_CELLS)
    table.add_column(justify="right", style="b")
    rows = leaders[:height]
    for leader in rows:
        table.add_row(
            Text(leader.who), Text(_cut(leader.group, _GROUP_CELLS)), f"{leader.points:,.0f}"
        )
    _pad(table, len(rows), height)
    return Panel(table, title="Who matters (score)", title_align="left", border_style="green")


def _groups(groups: Sequence[GroupState], height: int) -> RenderableType:
    table = _table()
    table.add_column(justify="right")
    table.add_column(no_wrap=True, style="cyan", max_width=_GROUP_CELLS)
    table.add_column(no_wrap=True, ratio=1)
    rows = groups[:height]
    for group in rows:
        health = Text(str(group.health), style=_colour(group.health))
        table.add_row(health, Text(_cut(group.name, _GROUP_CELLS)), Text(group.why))
    _pad(table, len(rows), height)
    return Panel(
        table,
        title="Groups, those in danger first (health)",
        title_align="left",
        border_style="red",
    )


def _colour(health: int) -> str:
    return "b red" if health < _DANGER else "yellow" if health < _WORRY else "green"


def _table() -> Table:
    return Table.grid(expand=True, padding=(0, 1))


def _pad(table: Table, rows: int, height: int) -> None:
    """Keep the panel as high as it is when full, so that nothing jumps."""
    for _ in range(height - rows):
        table.add_row("")


def _cut(text: str, cells: int) -> str:
    return text if cell_len(text) <= cells else set_cell_size(text, cells - 1) + "…"
