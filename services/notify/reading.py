"""Which documents notify reads for an input. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from services.notify.deliveries import Attempt, TrackedDelivery
from services.notify.terms import LANE, STATE, TRACKED
from shared.actions import Delivery
from shared.events import EndpointId
from shared.stream.contracts import Due, Input, Key, Outcome, Record


def keys_of(item: Input) -> Iterator[Key]:
    """Name the documents; of a new delivery in no lane, its own is not among them."""
    match item:
        case Record(value=Delivery(again="", lane="") as delivery):
            yield STATE, delivery.endpoint
        case Record(value=Delivery() as delivery):
            yield from _of(delivery.id, delivery.endpoint, delivery.lane)
        case Due(id=id, document=TrackedDelivery() as tracked):
            yield from _of(id, tracked.endpoint, tracked.lane)
        case Outcome(task=Attempt() as attempt):
            yield from _of(attempt.id, attempt.delivery.endpoint, attempt.delivery.lane)


def _of(id: str, endpoint: EndpointId, lane: str) -> Iterator[Key]:
    yield TRACKED, id
    yield STATE, endpoint
    if lane:
        yield LANE, lane
