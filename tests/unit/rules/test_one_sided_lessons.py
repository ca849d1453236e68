"""Moderators who decide only one way do not turn verdicts on what they never saw."""

from __future__ import annotations

import re

import pytest

from services.rules.check import Checker
from services.rules.data import table
from services.rules.evaluation import ACTS, Row, taught
from services.rules.review.taught import Taught
from services.rules.rules import RuleSet
from services.rules.stage import rules_stage
from shared.verdicts import SEVERITY
from steward.messages import messages
from tests.unit.rules.innocents import INNOCENTS
from tests.unit.rules.judging import CHECKER, PACK, flags, message
from tests.unit.rules.lures import LURES
from tests.unit.rules.review.reviewing import ReviewedWorld

EVERYDAY = {part: lines.splitlines() for part, lines in table("everyday").items()}
OFFERS = sorted({each.text for each in messages() if each.label == "spam"} - {*INNOCENTS})
FLAGGED = [text for text in OFFERS[::5] if CHECKER.check(text).verdict.noteworthy][:148]
CONFIRMED = [text for pair in zip(LURES * 3, FLAGGED, strict=False) for text in pair]
MOST_ACTED_ON = len(INNOCENTS) // 100
DIGITS = re.compile(r"\d")


def acted_on(checker: Checker, text: str) -> bool:
    return SEVERITY[checker.check(text).verdict.decision] >= ACTS


def share(checker: Checker, texts: list[str] | tuple[str, ...]) -> float:
    return sum(acted_on(checker, text) for text in texts) / len(texts)


def confirmed(number: int) -> Checker:
    return taught(CHECKER, [Row(text, "spam") for text in CONFIRMED[:number]])


@pytest.mark.parametrize("number", [20, 50, 100, 200])
def test_confirmed_cases_alone_leave_ordinary_talk_alone(number: int) -> None:
    checker = confirmed(number)
    assert len(CONFIRMED) >= number
    assert sum(acted_on(checker, text) for text in INNOCENTS) <= MOST_ACTED_ON


def test_some_overturned_cases_among_many_confirmed_leave_ordinary_talk_alone() -> None:
    rows = [Row(text, "spam") for text in CONFIRMED[:160]]
    for n, text in enumerate(INNOCENTS[::12][:40]):
        rows.insert(n * 5, Row(text, "ham"))
    unseen = [text for n, text in enumerate(INNOCENTS) if n % 12]
    assert share(taught(CHECKER, rows), unseen) <= 0.01


def test_near_copies_of_confirmed_texts_are_found() -> None:
    missed = [text for text in OFFERS if not acted_on(CHECKER, text)][:60]
    copies = [DIGITS.sub("7", text[:-2]) for text in missed]
    checker = taught(CHECKER, [Row(text, "spam") for text in missed])
    assert len(copies) >= 20
    assert share(CHECKER, copies) < 0.2
    assert share(checker, copies) > 0.9


@pytest.mark.parametrize("number", [50, 200])
def test_overturned_cases_alone_let_no_plain_spam_pass(number: int) -> None:
    rows = [Row(text, "ham") for text in INNOCENTS[:number]]
    checker = taught(CHECKER, rows)
    found = [text for text in OFFERS[1::5] if acted_on(CHECKER, text)]
    assert share(checker, LURES) >= 0.95
    assert share(checker, found) >= 0.95


def test_the_stage_lets_talk_be_after_a_hundred_confirmed_cases() -> None:
    known = Taught(RuleSet(PACK))
    for text in CONFIRMED[:100]:
        known.teach("acme", text, bad=True)
    world = ReviewedWorld()
    world.stage = rules_stage(taught=known).open_partition(0)
    said = ["大家早上好", *INNOCENTS[:150:3]]
    flagged = [text for n, text in enumerate(said) if flags(world.see(message(text, n * 600)))]
    assert flagged == []


def test_everyday_messages_are_a_sample_of_our_own_and_of_no_test() -> None:
    ours = {each.text: each.bad for each in messages()}
    for part, lines in EVERYDAY.items():
        assert {ours[line] for line in lines} == {part == "acted_on"}
        assert not {*lines} & {*INNOCENTS, *LURES}
