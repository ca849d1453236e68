"""How REST asks the owners of partitions for a step: a record on the topic `reviews`."""

from __future__ import annotations

from time import time
from typing import Final

from services.rules.review.case import Case, refusal
from services.rules.review.incident import Incident
from services.rules.review.incident import refusal as incident_refusal
from shared.events import Millis, derive_id
from shared.reviews import CaseReviewed, IncidentReviewed, Review, Reviewer
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.keys import ApiKey
from shared.web.problems import Problem

REFUSED: Final = "Refused"


class Asking:
    """Writes what people do; the stage applies it."""

    def __init__(self, writer: RecordWriter) -> None:
        self._writer = writer

    async def case(self, case: Case | None, review: CaseReviewed) -> None:
        """Ask for a step with a case. Raises `Problem` (409) for one that cannot be taken."""
        if case is not None and (why_not := refusal(case, review)) is not None:
            raise refused(why_not)
        await self.write(review)

    async def incident(self, incident: Incident, review: IncidentReviewed) -> None:
        """Ask for a step with an incident. Raises `Problem` (409) for one that cannot be taken."""
        if (why_not := incident_refusal(incident, review)) is not None:
            raise refused(why_not)
        await self.write(review)

    async def write(self, review: Review) -> None:
        """Ask for a review to be applied. Raises `Unavailable` while Kafka is away."""
        await self._writer.write(Topic.REVIEWS, review)


def refused(why_not: str) -> Problem:
    """Return the answer (409) to a step that cannot be taken."""
    return Problem(409, REFUSED, detail=f"{why_not[0].upper()}{why_not[1:]}.")


def reviewer(key: ApiKey, moderator: str) -> Reviewer:
    """Return who asks: the person whom the request names, behind its key."""
    return Reviewer(key.id, moderator)


def now() -> Millis:
    """Return the time of a request, in ms."""
    return Millis(int(time() * 1000))


def review_id(subject: str, by: Reviewer, steps: int, *what: str) -> str:
    """Return the id of a step: the same for a request that is repeated before it was applied."""
    return derive_id("review", subject, by.key, by.name, str(steps), *what)
