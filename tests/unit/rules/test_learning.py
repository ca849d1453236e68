"""What moderators teach changes verdicts on texts like those they judged, and on no others."""

from __future__ import annotations

import pytest

from services.rules.check import Checker, observed
from services.rules.evaluation import Row, taught
from services.rules.learning import BUCKETS, Learned
from services.rules.manner import manner
from services.rules.rules import RuleSet
from services.rules.signals import read
from tests.unit.rules.judging import CHECKER, PACK

WANTED = [f"求带深渊第{n}层，来个奶妈，会机制的" for n in range(1, 61)]
UNWANTED = [f"老铁支持一下灵兽山庄第{n}期，进去看看就知道" for n in range(1, 61)]
LESSONS = [
    Row(text, label)
    for pair in zip(WANTED, UNWANTED, strict=True)
    for text, label in zip(pair, ("ham", "spam"), strict=True)
]
NEW = "支持一下灵兽山庄第99期，看看就知道"


@pytest.fixture(scope="module")
def learned() -> Checker:
    return taught(CHECKER, LESSONS)  # type: ignore[arg-type]


def test_texts_like_those_that_were_removed_are_found(learned: Checker) -> None:
    assert not CHECKER.check(NEW).verdict.noteworthy
    found = learned.check(NEW).verdict
    assert found.removes
    assert "moderators_would_act" in {hit.rule for hit in found.hits}


def test_texts_like_those_that_were_let_be_stay(learned: Checker) -> None:
    assert not learned.check("求带深渊第99层，来个奶妈").verdict.noteworthy


def test_fewer_than_twenty_verdicts_change_nothing() -> None:
    few = taught(CHECKER, LESSONS[:19])  # type: ignore[arg-type]
    assert few.check(NEW).verdict == CHECKER.check(NEW).verdict


def test_overturned_verdicts_speak_for_a_text() -> None:
    offer = "本店到货优惠，欢迎选购第{}款"
    rows = [Row(offer.format(n), "ham") for n in range(200)]
    before, after = CHECKER.check(offer.format(999)), taught(CHECKER, rows).check(offer.format(999))
    assert after.verdict.risk < before.verdict.risk


def test_the_same_verdicts_give_the_same_signals() -> None:
    def signals() -> object:
        layer = Learned(RuleSet(PACK))
        for row in LESSONS[:40]:
            layer.teach(observed(row.text), row.bad)
        return layer.signals(observed(NEW)), layer.weights

    assert signals() == signals()


def test_weights_stay_within_their_bounds() -> None:
    layer = Learned(RuleSet(PACK))
    for row in LESSONS:
        layer.teach(observed(row.text), row.bad)
    assert all(-BUCKETS <= feature < BUCKETS + 4 for feature in layer.weights)
    assert all(abs(weight) < 20 for weight in layer.weights.values())


def test_a_text_without_letters_teaches_nothing() -> None:
    layer = Learned(RuleSet(PACK))
    layer.teach(observed(""), bad=True)
    assert layer.signals(observed(NEW)) == {}


def test_how_a_text_is_written_is_told_apart_from_its_words() -> None:
    found = manner(read("@1234567 看 https://a.strange.top/x 的vape吗"))
    assert {"habit:mention", "habit:number", "habit:question", "domain:strange.top"} <= {*found}
    assert "word:vape" in found
    assert manner(read("好的")) == ["size:2"]


def test_what_moderators_act_on_most_rarely_still_comes_to_even_odds() -> None:
    rare = [row for n, row in enumerate(LESSONS) if row.label == "ham" or n % 3 == 0]
    layer = Learned(RuleSet(PACK))
    for row in [*rare, *rare]:
        layer.teach(observed(row.text), row.bad)
    unlike, like = (layer.signals(observed(text)) for text in ("求带深渊第99层，来个奶妈", NEW))
    assert int(unlike["classifier.learned"]) < 50 <= int(like["classifier.learned"])
