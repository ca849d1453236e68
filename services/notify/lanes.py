"""Order of deliveries: each lane's are numbered, and only the next number may be attempted. Pure.

A lane is an endpoint, or one group at an endpoint. The numbers are kept with
the deliveries, so the order outlives whoever keeps it.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct, structs

from services.notify.endpoints import Endpoint, Ordering
from shared.actions import Action
from shared.events import EndpointId, Millis, TenantId

T = TypeVar("T")


class LaneState(Struct, frozen=True, kw_only=True):
    """How far a lane has come; written by its partition's owner only.

    `taken` is the latest number given, `done` the latest that came to its end:
    they do so one after the other. While the one after `done` waits to be
    attempted again, that is at `blocked_until`.
    """

    tenant: TenantId
    taken: int = 0
    done: int = 0
    blocked_until: Millis = Millis(0)

    def entered(self) -> LaneState:
        """Return the lane with one number more given."""
        return structs.replace(self, taken=self.taken + 1)

    def may_attempt(self, number: int) -> bool:
        """Whether all before this number have come to their end."""
        return number <= self.done + 1

    def passed(self, number: int) -> LaneState:
        """Return the lane once this number has come to its end."""
        if number != self.done + 1:
            return self
        return structs.replace(self, done=number, blocked_until=Millis(0))

    def blocked(self, number: int, until: Millis) -> LaneState:
        """Return the lane while this number waits for its next attempt."""
        return structs.replace(self, blocked_until=until) if number == self.done + 1 else self


def lane_of(endpoint: Endpoint, action: Action) -> str:
    """Return the id of the lane in which an endpoint wants an action; empty for no order."""
    match endpoint.ordering:
        case Ordering.STRICT:
            return endpoint.id
        case Ordering.GROUP:
            return f"{endpoint.id}/{action.group}"
        case Ordering.NONE:
            return ""


class Turns(Generic[T]):
    """The attempts of one partition that wait in memory for their turn in a lane.

    What exceeds `most`, or is lost in a crash, comes back by its own timer.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: dict[str, dict[int, tuple[str, T]]] = {}
        self._endpoints: dict[EndpointId, set[str]] = {}
        self._held: set[str] = set()

    def holds(self, id: str) -> bool:
        """Whether this delivery waits here."""
        return id in self._held

    def wait(self, endpoint: EndpointId, lane: str, number: int, id: str, attempt: T) -> None:
        """Keep an attempt until its turn, if there is room."""
        if len(self._held) < self._most:
            self._waiting.setdefault(lane, {})[number] = (id, attempt)
            self._endpoints.setdefault(endpoint, set()).add(lane)
            self._held.add(id)

    def next(self, lane: str, number: int) -> T | None:
        """Take the attempt with this number out, if it waits here."""
        found = self._waiting.get(lane, {}).pop(number, None)
        if found is None:
            return None
        self._held.discard(found[0])
        return found[1]

    def drop(self, endpoint: EndpointId) -> None:
        """Forget what waits for this endpoint."""
        for lane in self._endpoints.pop(endpoint, ()):
            for id, _ in self._waiting.pop(lane, {}).values():
                self._held.discard(id)
