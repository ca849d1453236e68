"""The answer to a request with several events: one result for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from msgspec import Struct

from services.ingest.cloudevents import Taken, identify
from services.ingest.rejection import RejectedEvent
from shared.web.problems import Problem


class Result(Struct, frozen=True, omit_defaults=True):
    """What became of one event; `index` is its place in the request, from 0."""

    index: int
    id: str | None
    status: Literal["accepted", "rejected"]
    error: dict[str, Any] | None = None


class Summary(Struct, frozen=True):
    """What became of all events of a request."""

    accepted: int
    rejected: int
    results: list[Result]


class Batch(Struct, frozen=True):
    """The events of a request that are taken, and the results of all."""

    taken: list[Taken]
    rejected: list[Problem]
    results: list[Result]

    @property
    def summary(self) -> Summary:
        return Summary(len(self.taken), len(self.rejected), self.results)


def read_batch(items: Sequence[bytes], read: Callable[[bytes], Taken]) -> Batch:
    """Read every item; those that do not fit become results that say why."""
    batch = Batch([], [], [])
    for index, item in enumerate(items):
        try:
            taken = read(item)
        except RejectedEvent as rejected:
            problem = as_problem(rejected, f"/{index}")
            batch.rejected.append(problem)
            batch.results.append(Result(index, identify(item), "rejected", problem.body))
        else:
            batch.taken.append(taken)
            batch.results.append(Result(index, taken.event.id, "accepted"))
    return batch


def as_problem(rejected: RejectedEvent, base: str = "") -> Problem:
    """Say why an event was rejected; `base` is the pointer to the event in the body."""
    place = {"pointer": base + rejected.pointer}
    if rejected.header is not None:
        place = {"field": rejected.header, "in": "header"}
    errors = [{**place, "detail": rejected.detail}]
    return Problem(rejected.status, rejected.title, detail=rejected.detail, errors=errors)
