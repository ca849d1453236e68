"""A delivery forgets its member when its owner is asked to."""

from __future__ import annotations

from msgspec import structs

from services.notify.deliveries import State
from services.notify.endpoints import Ordering
from services.notify.erasure.forgetting import anonymous
from shared.actions import Delivery
from shared.events import MemberId
from shared.verdicts import Label, RuleHit, Span
from tests.unit.notify.builders import NOW, delivery, endpoint
from tests.unit.notify.life import BROKEN, OK, Life

MEMBER = {"member": MemberId("m1"), "text": "hello m1", "details": {"who": "m1"}}
QUOTING = {
    "hits": [RuleHit("spam", Label.FRAUD, 0.7, values={"classifier.spam.evidence": "'m1' +1.31"})],
    "spans": [Span(0, 2, "m1")],
}


def forget(one: Delivery) -> Delivery:
    return structs.replace(one, action=anonymous(one.action), again="forget:r1", forget=True)


def test_what_was_delivered_is_kept_without_the_member_and_the_receivers_words() -> None:
    life = Life()
    one = delivery(1, **MEMBER, **QUOTING)
    [attempt] = life.deliver(one)
    life.outcome(attempt, structs.replace(OK, body="hello m1"))
    assert life.deliver(forget(one)) == []
    kept = life.tracked(attempt.id)
    assert (kept.state, kept.made, kept.attempts[0].status) == (State.SUCCEEDED, 1, 200)
    assert "m1" not in str(structs.asdict(kept))


def test_what_waits_for_its_next_attempt_ends() -> None:
    life = Life()
    one = delivery(1, **MEMBER)
    [attempt] = life.deliver(one)
    life.outcome(attempt, BROKEN)
    assert life.deliver(forget(one)) == []
    kept = life.tracked(attempt.id)
    assert (kept.state, kept.reason, kept.due_at) == (State.DEAD, "member_erased", None)
    assert "m1" not in str(structs.asdict(kept))
    assert life.all_due(NOW + 10**9) == []


def test_a_lane_goes_on_after_what_was_forgotten() -> None:
    life = Life()
    life.know(endpoint("ep_1", ordering=Ordering.STRICT))
    first, second = (structs.replace(delivery(n, **MEMBER), lane="ep_1") for n in (1, 2))
    [attempt] = life.deliver(first)
    assert life.deliver(second) == []
    life.outcome(attempt, BROKEN)
    [following] = life.deliver(forget(first))
    assert following.id == second.id


def test_a_delivery_that_is_not_there_is_not_made_by_forgetting_it() -> None:
    life = Life()
    assert life.deliver(forget(delivery(1, **MEMBER))) == []
    assert life.documents.by_key == {}
