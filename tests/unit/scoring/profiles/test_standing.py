"""Segments may ask for what scoring's looks at a member find: the layer and the risk."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from services.scoring.calendar import DAY
from services.scoring.layers import LAYERS
from services.scoring.listing import JUDGED, Judged
from services.scoring.profiles.documents import PROFILES, SURVEYS, NextPage, Survey
from services.scoring.profiles.profile import Standing
from services.scoring.stage import MEMBERS, ScoringPartition
from shared.events import GroupId, MemberId, Millis
from shared.members import MemberErased, MemberJudged
from shared.stream.contracts import Due, Outcome, Perform, Publish, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from tests.unit.scoring.builders import said
from tests.unit.scoring.profiles.folding import ACME, START, OneTenant, World
from tests.unit.scoring.profiles.test_segments import AMY, actions, changes

CARRIERS = "layer == 'contributor' || layer == 'professional'"


def found(layer: str, at: int = START, **more: Any) -> MemberJudged:
    fields: dict[str, Any] = {
        "id": f"look-{at}",
        "tenant": ACME,
        "group": GroupId("g1"),
        "member": MemberId("amy"),
        "time": Millis(at),
        "layer": layer,
        "churn": 0.0,
    }
    return MemberJudged(**{**fields, **more})


def test_a_finding_brings_a_member_into_a_segment_and_out_again_and_is_told() -> None:
    world = World(carriers=CARRIERS, leaving="churn >= 0.6 && orders == 0")
    world.fold(said("amy", START))
    outputs = world.fold(found("contributor", START + DAY, churn=0.7))
    assert changes(outputs) == [("carriers", True), ("leaving", True)]
    assert len(actions(outputs)) == 2
    outputs = world.fold(found("active", START + 2 * DAY, churn=0.2))
    assert changes(outputs) == [("carriers", False), ("leaving", False)]


def test_the_latest_finding_stays_whatever_comes_after_it() -> None:
    world = World(carriers=CARRIERS)
    world.fold(said("amy", START), found("contributor", START + DAY))
    assert world.fold(found("ordinary", START + DAY - 1)) == []
    assert world.profile().layer == "contributor"


def test_nobody_is_told_of_what_was_found_of_history() -> None:
    world = World(carriers=CARRIERS)
    world.fold(said("amy", START, backfill=True))
    outputs = world.fold(found("contributor", backfill=True))
    assert (changes(outputs), actions(outputs)) == ([("carriers", True)], [])


@pytest.mark.parametrize("erased", [False, True])
def test_a_finding_makes_nobody_known(erased: bool) -> None:
    world = World(carriers=CARRIERS)
    if erased:
        gone = MemberErased(
            id="r1", tenant=ACME, group=GroupId("g1"), member=MemberId("amy"), time=Millis(START)
        )
        world.fold(said("amy", START - 1), gone)
    assert world.fold(found("contributor", START)) == []
    assert (PROFILES, AMY) not in world.documents.by_key


def test_a_survey_asks_for_the_standings_where_a_condition_does() -> None:
    world = World()
    world.fold(said("amy", START), said("bo", START))
    world.tenants.now = OneTenant(carriers=CARRIERS).now
    survey = Survey(tenant=ACME, version=2, due_at=Millis(1))
    world.documents.put(SURVEYS, "survey", survey)
    (asked,) = world.apply([Due(SURVEYS, "survey", survey, Millis(START))])
    assert asked == Perform(NextPage("survey", ACME, 0, "", judged=True))
    standings = {AMY: Standing("contributor", 0.1, START), f"{AMY[:-3]}bo": Standing()}
    outputs = world.apply([Outcome(asked.task, standings, Millis(START + DAY))])
    assert changes(outputs) == [("carriers", True)]
    assert (world.profile().layer, world.profile("bo").layer) == ("contributor", "ordinary")


def looks(days: int, **segments: str) -> tuple[list[MemberJudged], MemoryDocuments]:
    """Fold eight messages a day of a member, look as it falls due; return what was published."""
    stage, documents = ScoringPartition(OneTenant(**segments)), MemoryDocuments()
    records: list[MemberJudged] = []
    for day in range(days):
        at = START + day * DAY
        events = [said("amy", at + n, id=f"{day}-{n}") for n in range(8)]
        fold(stage, [Record(Topic.EVENTS, 0, n, each) for n, each in enumerate(events)], documents)
        member = documents.by_key[MEMBERS, AMY]
        if member.due_at is not None and member.due_at <= at + DAY:
            due = Due(MEMBERS, AMY, member, member.due_at)
            outputs = [each for each in fold(stage, [due], documents) if isinstance(each, Publish)]
            records += [each.record for each in outputs if each.topic is Topic.MEMBERS]
    return records, documents


def test_looks_are_told_as_far_as_a_segment_asks_for_what_they_find() -> None:
    assert looks(20, busy="messages_7 > 3")[0] == []
    records, documents = looks(20, carriers=CARRIERS)
    assert [each.layer for each in records][-1] == "professional"
    assert len({(each.layer, each.churn) for each in records}) > 3
    latest, listed = records[-1], documents.by_key[JUDGED, AMY]
    assert isinstance(listed, Judged)
    assert (LAYERS[listed.layer], listed.churn) == (latest.layer, latest.churn)
    assert len({each.id for each in records}) == len(records)


def test_a_look_that_finds_the_same_is_not_told() -> None:
    records, documents = looks(5, carriers=CARRIERS)
    member = documents.by_key[MEMBERS, AMY]
    now = Millis(records[-1].time)
    again = Due(MEMBERS, AMY, replace(member, due_at=now), now)
    outputs = fold(ScoringPartition(OneTenant(carriers=CARRIERS)), [again], documents)
    assert [each for each in outputs if isinstance(each, Publish) and each.topic == "members"] == []
