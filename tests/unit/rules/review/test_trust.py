"""Nothing is done against those whom the tenant trusts; a person looks instead."""

from __future__ import annotations

import pytest

from services.rules.review.case import Reason
from services.rules.review.precision import Tally
from services.rules.review.trust import TRUSTED, KnownStanding, trust_id
from shared.events import BaseEvent, MemberJoined, MemberUpdated, Role
from shared.reviews import TrustChanged
from shared.verdicts import Decision
from tests.unit.rules.judging import START, actions, event, flags, message
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


def told(kind: type[BaseEvent], role: Role) -> BaseEvent:
    """Return what a platform says of a member by itself."""
    return event(kind, role=role)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OWNER, Role.BOT])
@pytest.mark.parametrize("kind", [MemberUpdated, MemberJoined])
def test_who_runs_the_group_is_immune_though_their_messages_do_not_say_so(
    kind: type[BaseEvent], role: Role
) -> None:
    world = ReviewedWorld()
    outputs = world.see(told(kind, role), message(LURE, 5), message(LURE, 6, member="m2"))
    first, other = flags(outputs)
    assert (first.decision, first.spam) == (Decision.WATCH, False)
    assert world.case(first).reason is Reason.IMMUNE
    assert other.spam, "another member is none of them"


def test_who_runs_the_group_no_more_is_immune_no_more() -> None:
    world = ReviewedWorld()
    told_twice = [told(MemberUpdated, Role.OPERATOR), event(MemberUpdated, 3)]
    assert [flag.spam for flag in flags(world.see(*told_twice, message(LURE, 5)))] == [True]


def test_a_message_gives_no_lasting_role() -> None:
    world = ReviewedWorld()
    said = [message("早", 1, role=Role.OPERATOR), message(LURE, 2)]
    assert [flag.spam for flag in flags(world.see(*said))] == [True]


def test_what_those_write_who_run_the_group_is_no_copy_of_a_campaign() -> None:
    world = ReviewedWorld()
    for n in range(4):
        world.see(event(MemberUpdated, n, group=f"g{n}", role=Role.OWNER))
    notice = "各位同学明天晚上八点在老地方集合我们一起去看星星吧不见不散哦"
    assert flags(world.see(*(message(notice, 9 + n, group=f"g{n}") for n in range(4)))) == []


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
