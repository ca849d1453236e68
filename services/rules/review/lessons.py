"""What decided cases teach the tenant's classifier, kept durable and bounded."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from services.rules.observation import text_of
from services.rules.review.case import Case
from shared.events import Millis, Tenant
from shared.reviews import CaseReviewed, ReviewStep, Teaches
from shared.stream.contracts import Documents, Key, Kind

MOST_LESSONS: Final = 1_000
"""Lessons kept of a tenant in one partition: the latest."""
MOST_CHARACTERS: Final = 800
"""Of a text; the classifier looks at the first 400 after normalisation."""


class LessonDocument(Struct, frozen=True, kw_only=True):
    """A text on whose content a moderator decided. Its `_id` is its case's: a case teaches once.

    `time` is that of the latest decision, which is what counts.
    """

    tenant: Tenant
    time: Millis
    text: str
    bad: bool


class LessonList(Struct, frozen=True, kw_only=True):
    """Which lessons a tenant has in one partition, oldest first."""

    tenant: Tenant
    ids: list[str] = []


LESSONS: Final = Kind("lessons", LessonDocument)
LESSON_LISTS: Final = Kind("lesson_lists", LessonList)


def lesson_of(case: Case, review: CaseReviewed) -> bool | None:
    """Return whether a decision teaches that the text is bad, or fine; None: it teaches nothing.

    A decision on what somebody did says nothing about texts. Unless the
    moderator says which it was, only a text that is charged by itself teaches: not
    the harmless message that went with a banned advertiser, nor one that was
    flagged for how often or where it was said. A decision on a whole campaign, whose
    copies would all teach the same, leaves what a copy taught unless it is overturned.
    """
    teaches = review.teaches
    if review.campaign is not None and review.step is ReviewStep.CONFIRMED:
        return case.lesson
    if teaches is Teaches.CONDUCT or not text_of(case.evidence.flag.event):
        return None
    if teaches is Teaches.AUTO and not case.evidence.charged:
        return None
    return review.step is ReviewStep.CONFIRMED


class LessonBook:
    """Keeps the lessons of one partition."""

    def __init__(self, partition: int) -> None:
        self._partition = partition

    def key(self, tenant: str) -> Key:
        """Name the list of a tenant's lessons, which `keep` reads."""
        return LESSON_LISTS, f"{tenant}/{self._partition:05d}"

    def keep(
        self, documents: Documents, id: str, case: Case, bad: bool | None, time: Millis
    ) -> None:
        """Put, correct or (None) take back the lesson of the case `id`."""
        kind, list_id = self.key(case.tenant)
        known: LessonList = documents.get(kind, list_id) or LessonList(tenant=case.tenant)
        ids = [each for each in known.ids if each != id]
        if bad is None:
            documents.remove(LESSONS, id)
        else:
            text = text_of(case.evidence.flag.event)[:MOST_CHARACTERS]
            lesson = LessonDocument(tenant=case.tenant, time=time, text=text, bad=bad)
            documents.put(LESSONS, id, lesson)
            ids.append(id)
        for oldest in ids[:-MOST_LESSONS]:
            documents.remove(LESSONS, oldest)
        if ids != known.ids:
            documents.put(kind, list_id, LessonList(tenant=case.tenant, ids=ids[-MOST_LESSONS:]))
