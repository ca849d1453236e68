"""Has each task of the stage done by whoever does its kind."""

from __future__ import annotations

from services.rules.erasure.forgetting import FindTraces
from services.rules.opinions.opinion import AskOpinion
from shared.stream.contracts import Performer


class Performing(Performer):
    """The performers of the rules stage, as one."""

    def __init__(self, traces: Performer, witness: Performer | None) -> None:
        """Have traces found and, if there is a witness, opinions asked for."""
        self._traces = traces
        self._witness = witness

    async def perform(self, task: FindTraces | AskOpinion) -> object:
        """Return what came of a task."""
        if isinstance(task, FindTraces):
            return await self._traces.perform(task)
        return None if self._witness is None else await self._witness.perform(task)
