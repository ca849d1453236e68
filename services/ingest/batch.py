"""The answer to a request with several events: one result for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from msgspec import Struct

from services.ingest.cloudevents import Taken, identify
from services.ingest.rejection import RejectedEvent
from shared.web.problems import Problem

Outcome = Literal["accepted", "valid"]
"""What becomes of an event that fits: it is on disk, or (in a dry run) it would be taken."""


class Result(Struct, frozen=True, omit_defaults=True):
    """What became of one event; `index` is its place in the request, from 0.

    `failed` means that it fits, but could not be taken now: send it again.
    """

    index: int
    id: str | None
    status: Literal["accepted", "valid", "rejected", "failed"]
    error: dict[str, Any] | None = None


class Summary(Struct, frozen=True, omit_defaults=True):
    """What became of all events of a request; `valid` counts those of a dry run that fit."""

    accepted: int
    rejected: int
    results: list[Result]
    valid: int = 0


class Batch(Struct, frozen=True):
    """The events of a request that are taken, and the results of all."""

    outcome: Outcome
    taken: list[Taken]
    rejected: list[Problem]
    results: list[Result]

    @property
    def summary(self) -> Summary:
        accepted, valid = len(self.taken), 0
        if self.outcome == "valid":
            accepted, valid = valid, accepted
        return Summary(accepted, len(self.rejected), self.results, valid)


def read_batch(
    items: Sequence[bytes],
    read: Callable[[bytes], Taken],
    *,
    first: int = 0,
    outcome: Outcome = "accepted",
) -> Batch:
    """Read every item; those that do not fit become results that say why.

    `first` is the index of the first item in its request. A `Problem` that
    `read` raises rejects the item, too.
    """
    batch = Batch(outcome, [], [], [])
    for index, item in enumerate(items, first):
        try:
            taken = read(item)
        except RejectedEvent as rejected:
            problem = as_problem(rejected, f"/{index}")
        except Problem as refused:
            problem = refused
        else:
            batch.taken.append(taken)
            batch.results.append(Result(index, taken.event.id, outcome))
            continue
        batch.rejected.append(problem)
        batch.results.append(Result(index, identify(item), "rejected", problem.body))
    return batch


def as_problem(rejected: RejectedEvent, base: str = "") -> Problem:
    """Say why an event was rejected; `base` is the pointer to the event in the body."""
    place = {"pointer": base + rejected.pointer}
    if rejected.header is not None:
        place = {"field": rejected.header, "in": "header"}
    errors = [{**place, "detail": rejected.detail}]
    return Problem(rejected.status, rejected.title, detail=rejected.detail, errors=errors)
