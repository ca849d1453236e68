"""One partition of notify without Kafka, MongoDB and HTTP, for its tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.notify.attempts import Result
from services.notify.deliveries import Attempt, TrackedDelivery
from services.notify.endpoints import Endpoint, Subscriptions
from services.notify.health import HealthPolicy
from services.notify.retry import RetryPolicy
from services.notify.slots import Limits
from services.notify.stage import NotifyPartition
from services.notify.terms import TRACKED, Terms
from shared.actions import Delivery
from shared.events import Millis
from shared.stream.contracts import Due, Outcome, Output, Perform
from shared.stream.memory import MemoryDocuments, fold
from tests.unit.notify.builders import NOW, endpoint, record

LEASE_MS = 10_000  # the endpoint's timeout of 5 s, and the margin
OK = Result(milliseconds=5, status=200, body="ok")
BROKEN = Result(milliseconds=5, status=500)
GONE = Result(milliseconds=5, status=410)


@dataclass
class Known:
    subscriptions: Subscriptions


class Life:
    """One partition, its documents, and the attempts that it asked for."""

    def __init__(
        self,
        limits: Limits | None = None,
        policy: RetryPolicy | None = None,
        health: HealthPolicy | None = None,
    ) -> None:
        self.known = Known(Subscriptions.of([endpoint("ep_1"), endpoint("ep_2")]))
        self.terms = Terms(
            policy or RetryPolicy(),
            limits or Limits(),
            health=health or HealthPolicy(failures=50),
            retention=timedelta(days=30),
        )
        self.documents = MemoryDocuments()
        self.partition = NotifyPartition(self.known, self.terms)
        self.outputs: list[Output] = []

    def know(self, *endpoints: Endpoint) -> None:
        self.known.subscriptions = Subscriptions.of(endpoints)

    def crash(self) -> None:
        self.partition = NotifyPartition(self.known, self.terms)

    def deliver(self, one: Delivery) -> list[Attempt]:
        return self._tasks(fold(self.partition, [record(one)], self.documents))

    def outcome(self, attempt: Attempt, result: Result, now: int = NOW) -> list[Attempt]:
        outcome = Outcome(attempt, result, Millis(now))
        return self._tasks(fold(self.partition, [outcome], self.documents))

    def due(self, id: str, now: int) -> list[Attempt]:
        item = Due(TRACKED, id, self.tracked(id), Millis(now))
        self.documents.name([(TRACKED, id), *self.partition.keys(item)])
        return self._tasks(list(self.partition.apply(item, self.documents)))

    def all_due(self, now: int) -> list[str]:
        """Return the deliveries that are due by a moment, the longest due first."""
        found = [
            (document.due_at, id)
            for (kind, id), document in self.documents.by_key.items()
            if kind is TRACKED and document.due_at is not None and document.due_at <= now
        ]
        return [id for _, id in sorted(found)]

    def tracked(self, id: str) -> TrackedDelivery:
        found: TrackedDelivery = self.documents.by_key[TRACKED, id]
        return found

    def _tasks(self, outputs: list[Output]) -> list[Attempt]:
        self.outputs = outputs
        return [each.task for each in outputs if isinstance(each, Perform)]
