"""What an opinion leads to in the partition that asked for it."""

from __future__ import annotations

from collections.abc import Iterator

from services.rules.documents import FLAGS
from services.rules.opinions.opinion import AskOpinion, Opinion, cleared, condemned
from services.rules.review.case import case_id
from services.rules.review.desk import Desk
from services.rules.review.kinds import CASES
from services.rules.review.reversal import reversal_of
from shared.stream.contracts import Documents, Key, Outcome, Output, Publish
from shared.topics import Topic


class SecondLook:
    """Brings what a model condemns before a person, and takes back the watch that it clears."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def keys(self, task: AskOpinion) -> Iterator[Key]:
        """Name what applying an opinion reads."""
        yield from self._desk.event_keys(task.event)
        if task.flag is not None:
            yield FLAGS, task.flag
            yield CASES, case_id(task.flag)

    def apply(self, outcome: Outcome, documents: Documents) -> Iterator[Output]:
        """Apply an opinion. What a person decides on already is left to them."""
        task: AskOpinion = outcome.task
        opinion: Opinion | None = outcome.result
        if opinion is None:
            return
        noted = condemned(task, opinion, outcome.now)
        if noted is not None and not self._is_with_a_person(task, documents):
            documents.put(FLAGS, noted.flag.id, noted)
            yield Publish(Topic.FLAGS, noted.flag)
            yield from self._desk.flagged(noted, spared=False, documents=documents)
        elif task.flag is not None and not self._is_with_a_person(task, documents):
            yield from self._clear(task.flag, opinion, outcome, documents)

    @staticmethod
    def _clear(
        flag: str, opinion: Opinion, outcome: Outcome, documents: Documents
    ) -> Iterator[Output]:
        noted = documents.get(FLAGS, flag)
        found = None if noted is None else cleared(noted, opinion)
        if noted is not None and found is not None:
            documents.put(FLAGS, flag, found)
            yield Publish(Topic.FLAGS, reversal_of(noted.flag, outcome.now))

    @staticmethod
    def _is_with_a_person(task: AskOpinion, documents: Documents) -> bool:
        return task.flag is not None and documents.get(CASES, case_id(task.flag)) is not None
