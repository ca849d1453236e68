"""The durable documents of reviews, all kept by the rules stage."""

from __future__ import annotations

from typing import Any, Final

from services.rules.review.audit import ENTRIES, HEADS
from services.rules.review.case import Case
from services.rules.review.incident import Incident
from services.rules.review.lessons import LESSON_LISTS, LESSONS
from services.rules.review.trust import TRUSTED
from shared.stream.contracts import Kind

CASES: Final = Kind("cases", Case, timed=True)
INCIDENTS: Final = Kind("incidents", Incident)
REVIEW_KINDS: Final[tuple[Kind[Any], ...]] = (
    CASES,
    INCIDENTS,
    TRUSTED,
    ENTRIES,
    HEADS,
    LESSONS,
    LESSON_LISTS,
)
