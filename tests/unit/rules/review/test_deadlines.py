"""Deadlines of appeals are the tenant's rule set's to say."""

from __future__ import annotations

import pytest

from services.rules.pack import PackError, load
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.stage import rules_stage
from shared.reviews import ReviewStep
from tests.unit.rules.judging import flags, message
from tests.unit.rules.review.reviewing import DAY, ReviewedWorld
from tests.unit.rules.review.test_cases import LURE


def test_a_pack_sets_the_deadlines_of_appeals() -> None:
    source = "name: own\nextends: default\nappeals: {within: 2d, answer: 6h}\n"
    world = ReviewedWorld()
    world.stage = rules_stage(OneRuleSet(load(source, "own"))).open_partition(0)
    (flag,) = flags(world.see(message(LURE)))
    world.decide(flag, ReviewStep.APPEALED, time=flag.time + 2 * DAY)
    case = world.case(flag)
    assert case.appeal_until == flag.time + 2 * DAY
    assert case.due_at == flag.time + 2 * DAY + DAY // 4
    (late,) = flags(world.see(message(LURE, 1, member="m2")))
    world.decide(late, ReviewStep.OPENED)
    world.decide(late, ReviewStep.APPEALED, time=late.time + 2 * DAY + 1)
    assert world.log[-1].what == "case.refused"


@pytest.mark.parametrize("written", ["within: 30m", "answer: 400d", "within: soon"])
def test_a_deadline_that_nobody_could_keep_is_refused(written: str) -> None:
    with pytest.raises(PackError, match=r"of appeals are|`soon`"):
        load(f"name: own\nextends: default\nappeals: {{{written}}}\n", "own")
