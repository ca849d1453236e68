"""What a tenant's moderators taught takes part in its verdicts, and in nobody else's."""

from __future__ import annotations

import pytest

from services.rules.check import Context, check
from services.rules.review.lessons import (
    LESSON_LISTS,
    LESSONS,
    MOST_LESSONS,
    LessonBook,
    LessonDocument,
)
from services.rules.review.taught import Taught
from services.rules.rules import RuleSet
from services.rules.stage import rules_stage
from shared.reviews import ReviewStep, Teaches
from shared.stream.memory import MemoryDocuments
from tests.unit.rules.judging import PACK, START, flags, message
from tests.unit.rules.review.reviewing import ReviewedWorld
from tests.unit.rules.test_learning import LESSONS as ROWS
from tests.unit.rules.test_learning import NEW


@pytest.fixture(scope="module")
def taught() -> Taught:
    known = Taught(RuleSet(PACK))
    for row in ROWS:
        known.teach("acme", row.text, row.bad)
    return known


def test_the_stage_goes_by_what_was_taught_and_says_so(taught: Taught) -> None:
    world = ReviewedWorld()
    assert flags(world.see(message(NEW))) == []
    world.stage = rules_stage(taught=taught).open_partition(0)
    (flag,) = flags(world.see(message(NEW, 1)))
    hit = next(hit for hit in flag.hits if hit.rule == "moderators_would_act")
    assert hit.values["classifier.lessons"] == len(ROWS)
    assert hit.values["classifier.learned"] > 50  # type: ignore[operator]


def test_another_tenant_learns_nothing_from_it(taught: Taught) -> None:
    world = ReviewedWorld()
    world.stage = rules_stage(taught=taught).open_partition(0)
    assert flags(world.see(message(NEW, tenant="other"))) == []
    assert taught.of("other") is None


def test_a_check_goes_by_what_was_taught(taught: Taught) -> None:
    rules = RuleSet(PACK)
    assert not check(rules, NEW, Context(), taught.of("other")).verdict.noteworthy
    assert check(rules, NEW, Context(), taught.of("acme")).verdict.noteworthy


def test_few_tenants_are_held_at_a_time() -> None:
    known = Taught(RuleSet(PACK), most_tenants=2)
    for tenant in ("a", "b", "a", "c"):
        known.teach(tenant, "支持一下", bad=True)
    assert [known.of(tenant) is not None for tenant in "abc"] == [True, False, True]


def test_a_case_is_one_lesson_and_the_latest_decision_counts() -> None:
    world = ReviewedWorld()
    flag = flags(world.see(message("加.薇.信 abcd8899 领红包")))[0]
    world.decide(flag, ReviewStep.CONFIRMED)
    (lesson,) = lessons(world)
    assert (lesson.bad, lesson.tenant) == (True, "acme")
    world.decide(flag, ReviewStep.APPEALED)
    world.decide(flag, ReviewStep.OVERTURNED, by=type(world.log[0].by)("key_2"))
    (corrected,) = lessons(world)
    assert (corrected.bad, corrected.time > lesson.time) == (False, True)


def test_a_lesson_is_taken_back_when_the_decision_was_on_conduct_after_all() -> None:
    world = ReviewedWorld()
    flag = flags(world.see(message("加.薇.信 abcd8899 领红包")))[0]
    world.decide(flag, ReviewStep.CONFIRMED)
    world.decide(flag, ReviewStep.OVERTURNED, teaches=Teaches.CONDUCT)
    assert lessons(world) == []


def test_lessons_are_bounded_and_the_oldest_go_first() -> None:
    world = ReviewedWorld()
    flag = flags(world.see(message("加.薇.信 abcd8899 领红包")))[0]
    world.decide(flag, ReviewStep.OPENED)
    book, documents = LessonBook(0), MemoryDocuments()
    for n in range(MOST_LESSONS + 5):
        documents.name([book.key("acme")])
        book.keep(documents, f"case-{n}", world.case(flag), True, START + n)
    kept = [id for kind, id in documents.by_key if kind is LESSONS]
    (listed,) = [doc for (kind, _), doc in documents.by_key.items() if kind is LESSON_LISTS]
    assert kept == listed.ids == [f"case-{n}" for n in range(5, MOST_LESSONS + 5)]


def lessons(world: ReviewedWorld) -> list[LessonDocument]:
    return [doc for (kind, _), doc in world.documents.by_key.items() if kind is LESSONS]
