"""The durable documents of reviews, all kept by the rules stage."""

from __future__ import annotations

from typing import Any, Final

from services.rules.review.audit import ENTRIES, HEADS
from services.rules.review.case import Case
from services.rules.review.copies import COPY_PAGES
from services.rules.review.incident import INCIDENTS
from services.rules.review.lessons import LESSON_LISTS, LESSONS
from services.rules.review.trust import TRUSTED
from shared.stream.contracts import Kind

CASES: Final = Kind("cases", Case, timed=True)
REVIEW_KINDS: Final[tuple[Kind[Any], ...]] = (
    CASES,
    INCIDENTS,
    COPY_PAGES,
    TRUSTED,
    ENTRIES,
    HEADS,
    LESSONS,
    LESSON_LISTS,
)
