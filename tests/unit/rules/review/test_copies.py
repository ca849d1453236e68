"""A campaign's copies, however many and however long: kept, cut into records, found again."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from services.rules.appeals import SHIPPED
from services.rules.review import copies as kept
from services.rules.review.case import RULES
from services.rules.review.copies import COPY_PAGES, MOST_BYTES, Copy, Found, spreads_of
from services.rules.review.kinds import INCIDENTS
from services.rules.review.reversal import UNDONE_BY
from shared.actions import ActionKind
from shared.events import encode
from shared.reviews import IncidentForgets, IncidentSpread, ReviewStep
from shared.stream.contracts import Output
from shared.verdicts import Decision
from tests.unit.rules.judging import actions, flags, message, records
from tests.unit.rules.review.reviewing import DAY, ReviewedWorld
from tests.unit.rules.review.test_incidents import LURE, asked, lures, mixed, undone

LONG = LURE + "这一段话说得很长" * 2_400


def long_lures(count: int) -> list[Any]:
    """Return copies in two groups, and the last in a third: only that makes them a campaign."""
    return [
        message(
            f"{LONG} {n}",
            n,
            group=f"g{2 if n == count - 1 else n % 2}",
            member=f"m{n}",
            time=message("", n // 10).time,
        )
        for n in range(count)
    ]


def test_copies_of_long_texts_come_in_records_that_kafka_takes() -> None:
    reviewed = ReviewedWorld()
    outputs = reviewed.see(*long_lures(2))
    assert reviewed.incidents == []
    said = flags(outputs)[0]
    spreads = list(spreads_of([Found(said, said)] * 20, "text:1", RULES))
    assert len(spreads) > 1
    assert all(len(encode(one)) < 1.5 * MOST_BYTES for one in spreads)
    assert all(len(one.flags) == len(one.acted) for one in spreads), "what belongs to one copy"
    assert sum(len(one.flags) for one in spreads) == 20


def test_a_flood_of_long_copies_is_one_incident() -> None:
    reviewed = ReviewedWorld()
    outputs = reviewed.see(*long_lures(30))
    sizes = [len(encode(one)) for one in records(outputs, IncidentSpread)]
    assert sum(sizes) > 1_048_576 > 2 * max(sizes), "more than Kafka takes at once"
    (incident,) = reviewed.incidents
    assert incident.count == 30


@pytest.fixture
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """An incident that holds two copies itself, and ten in each of four pages."""
    monkeypatch.setattr("services.rules.review.incidents.MOST_COPIES", 2)
    monkeypatch.setattr("services.rules.review.incident.MOST_COPIES", 2)
    monkeypatch.setattr("services.rules.review.incidents.MOST_A_PAGE", 10)
    monkeypatch.setattr(kept, "PAGES", 4)


def paged(reviewed: ReviewedWorld) -> list[Copy]:
    pages: list[Any] = [
        d for (kind, _), d in reviewed.documents.by_key.items() if kind is COPY_PAGES
    ]
    return [copy for page in pages for copy in page.copies]


@pytest.mark.usefixtures("little_room")
def test_copies_that_an_incident_has_no_room_for_are_kept_beside_it() -> None:
    reviewed, outputs = mixed()
    late = reviewed.see(*lures(4, 4))
    (incident,) = reviewed.incidents
    assert (incident.count, incident.groups, len(incident.copies)) == (8, 8, 2)
    together = {copy.flag for copy in (*incident.copies, *paged(reviewed))}
    assert together == {flag.id for flag in flags([*outputs, *late])}


@pytest.mark.usefixtures("little_room")
def test_what_is_found_twice_is_counted_once() -> None:
    reviewed, outputs = mixed()
    for one in records(outputs, IncidentSpread):
        again = IncidentSpread(**{**_fields(one), "id": f"{one.id}-again"})
        assert reviewed.review(again) == []
    assert (reviewed.incidents[0].count, len(paged(reviewed))) == (4, 2)


@pytest.mark.usefixtures("little_room")
def test_a_decision_reaches_the_copies_that_are_kept_beside_an_incident() -> None:
    reviewed, outputs = mixed()
    late = reviewed.see(*lures(4, 4))
    bans = reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED, decision=Decision.BAN)
    assert asked(bans) == [("member.ban", f"m{n}") for n in range(8)]
    later = reviewed.see(*lures(8, 2), *lures(10, 1, group="g5", member="m5"))
    assert [who for what, who in asked(later) if what == "member.ban"] == ["m8", "m9"]
    back = reviewed.decide_on(reviewed.incidents[0], ReviewStep.OVERTURNED)
    done = actions([*outputs, *late, *bans, *later])
    assert undone(back) == sorted(action.id for action in done if action.kind in UNDONE_BY)


@pytest.mark.usefixtures("little_room")
def test_a_member_is_forgotten_among_the_copies_beside_an_incident() -> None:
    reviewed, _ = mixed()
    (incident,) = reviewed.incidents
    (whose, *_) = paged(reviewed)
    about = {"group": whose.group, "member": whose.member, "fingerprint": incident.fingerprint}
    forgets = IncidentForgets(id="f", tenant="acme", time=incident.last_at, by=RULES, **about)
    reviewed.review(forgets)
    assert whose.member not in {copy.member for copy in paged(reviewed)}
    assert len(paged(reviewed)) == 2


def _fields(one: Struct) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


def decided(decision: Decision, **more: Any) -> ReviewedWorld:
    reviewed, _ = mixed()
    reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED, decision=decision, **more)
    return reviewed


def muted_again(reviewed: ReviewedWorld, number: int) -> bool:
    """Whether the member m2 of g2 is muted for one more copy, so many seconds after the first."""
    outputs: list[Output] = reviewed.see(
        *lures(number, 1, group="g2", member="m2"),
        *lures(number, 1, id="b", group="h1"),
        *lures(number, 1, id="c", group="h2"),
    )
    mutes = [a for a in actions(outputs) if a.kind is ActionKind.MEMBER_MUTE]
    return "m2" in {action.member for action in mutes if action.campaign is not None}


def test_a_member_whose_mute_ran_out_is_muted_for_the_next_copy() -> None:
    assert not muted_again(decided(Decision.MUTE, seconds=2 * 86_400), 86_400)
    assert muted_again(decided(Decision.MUTE, seconds=3_600), 86_400)


def test_a_mute_that_ran_out_is_asked_for_again() -> None:
    reviewed = ReviewedWorld()
    (said,) = flags(reviewed.see(message(LURE)))
    mute = {"decision": Decision.MUTE, "seconds": 600}
    assert asked(reviewed.decide(said, ReviewStep.CONFIRMED, **mute)) == [("member.mute", "m1")]
    campaign = {**mute, "campaign": "a-campaign"}
    assert asked(reviewed.decide(said, ReviewStep.CONFIRMED, **campaign)) == []
    reviewed.now += 600_000
    assert asked(reviewed.decide(said, ReviewStep.CONFIRMED, **campaign)) == [("member.mute", "m1")]


def test_a_copy_that_comes_long_after_the_decision_may_still_be_appealed_against() -> None:
    reviewed = decided(Decision.BAN)
    late = reviewed.see(*lures(30 * DAY // 1000, 3))
    case = reviewed.case(flags(late)[0])
    assert case.appeal_until >= SHIPPED.until(case.evidence.flag.time)


def test_confirming_a_campaign_with_nothing_that_acts_leaves_its_cases_alone() -> None:
    reviewed = decided(Decision.WATCH)
    assert reviewed.cases == []


def test_precision_counts_only_copies_that_the_campaign_flagged() -> None:
    reviewed, _ = mixed()
    (incident,) = reviewed.incidents
    assert (incident.count, incident.flagged) == (4, 2)
    assert INCIDENTS.name == "incidents"
