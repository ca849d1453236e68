"""Shows on the terminal how far starting has come."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class ConsoleReport:
    """A line for each step with its time, and a bar while Kafka's jars are fetched.

    On a terminal the lines move; elsewhere each step is printed once.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._task: TaskID | None = None
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._finish()
        self._progress.stop()

    def step(self, what: str) -> None:
        """Begin a step; the one before is done."""
        self._finish()
        self._task = self._progress.add_task(what, total=1)
        if not self._console.is_terminal:
            self._console.print(f"{what} …")

    def jars(self, have: int, wanted: int) -> None:
        """Move the bar of the step at hand."""
        if self._task is not None:
            self._progress.update(self._task, completed=have, total=wanted)

    def _finish(self) -> None:
        if self._task is None:
            return
        total = self._progress.tasks[self._task].total
        self._progress.update(self._task, completed=total)
