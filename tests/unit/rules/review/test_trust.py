"""Nothing is done against those whom the tenant trusts; a person looks instead."""

from __future__ import annotations

import pytest

from services.rules.review.case import Reason
from services.rules.review.precision import Tally
from services.rules.review.trust import TRUSTED, KnownStanding, trust_id
from shared.reviews import TrustChanged
from shared.verdicts import Decision
from tests.unit.rules.judging import START, actions, flags, message
from tests.unit.rules.review.reviewing import ANNA, ReviewedWorld, partition

LURE = "加.薇.信 abcd8899 领红包"


@pytest.mark.parametrize("group", [None, "g1"])
def test_a_trusted_member_s_removal_becomes_a_case(group: str | None) -> None:
    world = ReviewedWorld()
    world.stage = partition(KnownStanding({trust_id("acme", group, "m1")}))
    outputs = world.see(message(LURE))
    (flag,) = flags(outputs)
    assert (flag.decision, flag.spam) == (Decision.WATCH, False)
    assert flag.risk > 0.9
    assert [action.kind for action in actions(outputs)] == ["case.opened"]
    assert world.case(flag).reason is Reason.IMMUNE


@pytest.mark.parametrize(
    "id", [trust_id("acme", "g2", "m1"), trust_id("other", None, "m1"), trust_id("acme", None, "m")]
)
def test_trust_reaches_no_further_than_it_was_given(id: str) -> None:
    world = ReviewedWorld()
    world.stage = partition(KnownStanding({id}))
    assert flags(world.see(message(LURE)))[0].spam


def test_trust_is_kept_with_who_gave_it_and_can_be_withdrawn() -> None:
    world = ReviewedWorld()
    for trusted in (True, False):
        world.review(
            TrustChanged(
                id=f"t{trusted}", tenant="acme", time=START, by=ANNA, member="m1", trusted=trusted
            )
        )
        kept = world.documents.by_key[TRUSTED, trust_id("acme", None, "m1")]
        assert (kept.trusted, kept.by) == (trusted, "anna")
    assert [entry.what for entry in world.log] == ["trust.given", "trust.withdrawn"]


def test_precision_is_a_share_with_its_lower_bound() -> None:
    assert Tally("r", 0, 0).precision is None
    assert Tally("r", 0, 0).at_least is None
    assert Tally("r", 9, 1).precision == 0.9
    # Wilson's interval for 9 of 10 begins at 0.596 (95 %).
    assert Tally("r", 9, 1).at_least == pytest.approx(0.596, abs=0.001)
    assert Tally("r", 0, 5).at_least == 0.0
