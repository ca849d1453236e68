from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.calendar import DAY
from services.scoring.cues import disagrees
from services.scoring.talk.graph import (
    KEPT_EDGES,
    MOST_EDGES,
    MOST_RECENT,
    TalkGraph,
    settled,
    weights,
)
from services.scoring.talk.key_people import key_people
from services.scoring.talk.stage import TALK_GRAPHS, TalkPartition, graph_id
from shared.events import BaseEvent, ReactionAdded, Role
from shared.members import MemberErased
from shared.stream.contracts import Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Flag
from tests.unit.scoring.builders import MONDAY, said, spam
from tests.unit.scoring.test_reversals import reversal
from tests.unit.scoring.test_stage import History, histories

MINUTE = 60_000
WEIGHT = pytest.approx


def graph_of(values: Iterable[BaseEvent | Flag]) -> TalkGraph:
    documents = MemoryDocuments()
    records = [
        Record(Topic.FLAGS if isinstance(value, Flag) else Topic.EVENTS, 0, n, value)
        for n, value in enumerate(values)
    ]
    fold(TalkPartition(), records, documents)
    key = (TALK_GRAPHS, graph_id("acme", "g1"))
    found = documents.by_key.get(key, TalkGraph(tenant="acme", group="g1"))  # type: ignore[arg-type]
    assert isinstance(found, TalkGraph)
    return found


def edges_of(*values: BaseEvent | Flag, at: int = MONDAY) -> dict[tuple[str, str], float]:
    return {(a, b): round(mass, 2) for a, b, mass, _ in weights(graph_of(values), at)}


def test_replies_mentions_and_reactions_are_exchanges() -> None:
    reaction = ReactionAdded(
        id="r",
        source="test",
        tenant="acme",
        group="g1",
        member="dai",
        time=MONDAY + 2,
        message="m",
        author="amy",
    )
    found = edges_of(
        said("amy", MONDAY, reply_to_member="bo"),
        said("amy", MONDAY + 1, mentions=["chen"]),
        reaction,
    )
    assert found == {("amy", "bo"): 4, ("amy", "chen"): 3, ("dai", "amy"): 2}


def test_who_speaks_next_and_names_nobody_answers_who_spoke_before() -> None:
    found = edges_of(
        said("amy", MONDAY),
        said("bo", MONDAY + MINUTE),
        said("bo", MONDAY + 2 * MINUTE),
        said("chen", MONDAY + 20 * MINUTE),
    )
    assert found == {("bo", "amy"): 2}


def test_bots_are_not_in_the_graph() -> None:
    assert edges_of(said("amy", MONDAY), said("bot", MONDAY + 1, role=Role.BOT)) == {}


def test_an_exchange_weighs_half_after_thirty_days() -> None:
    reply = said("amy", MONDAY, reply_to_member="bo")
    assert edges_of(reply, at=MONDAY + 30 * DAY)["amy", "bo"] == WEIGHT(2, abs=0.01)
    old = [said("amy", MONDAY + n * DAY, reply_to_member="bo") for n in range(120)]
    expected = sum(4 * 0.5 ** (age / 30) for age in range(120))
    assert edges_of(*old, at=MONDAY + 119 * DAY)["amy", "bo"] == WEIGHT(expected, rel=0.01)


@settings(max_examples=100, deadline=None)
@given(histories(days=3), st.randoms(use_true_random=False))
def test_of_the_latest_messages_order_and_reversed_flags_leave_no_trace(
    history: History, random: Random
) -> None:
    flags = [value for value in history if isinstance(value, Flag)]
    shuffled = [*history, *map(reversal, flags)]
    random.shuffle(shuffled)
    events = [value for value in history if not isinstance(value, Flag)]
    assert settled(graph_of(shuffled)).edges == settled(graph_of(events)).edges


def test_spam_takes_its_edges_along_even_late_and_a_reversal_brings_them_back() -> None:
    advert = said("lurer", MONDAY, id="advert", mentions=["amy", "bo"])
    talk = [
        said("amy" if n % 2 else "bo", MONDAY + n * MINUTE, id=f"t{n}", reply_to_member="chen")
        for n in range(1, 3 * MOST_RECENT)
    ]
    clean, whole = edges_of(*talk), edges_of(advert, *talk)
    assert ("lurer", "amy") in whole
    assert edges_of(advert, *talk, spam(advert)) == clean
    assert edges_of(advert, *talk, spam(advert), reversal(spam(advert))) == whole


def test_who_is_to_be_forgotten_is_in_no_edge_and_no_utterance() -> None:
    talk = [
        said("amy" if n % 3 else "bo", MONDAY + n * MINUTE, id=f"t{n}", reply_to_member="chen")
        for n in range(2 * MOST_RECENT)
    ]
    documents = MemoryDocuments()
    erased = MemberErased(id="e", tenant="acme", group="g1", member="amy", time=MONDAY + DAY)
    records = [Record(Topic.EVENTS, 0, n, event) for n, event in enumerate(talk)]
    fold(TalkPartition(), [*records, Record(Topic.MEMBERS, 0, 0, erased)], documents)
    graph = documents.by_key[TALK_GRAPHS, graph_id("acme", "g1")]
    assert "amy" not in repr(graph)
    assert "chen" in repr(graph)


def test_edges_are_bounded_and_the_heaviest_stay() -> None:
    friends = [said("amy", MONDAY + n, id=f"f{n}", reply_to_member="bo") for n in range(50)]
    crowd = [
        said(f"m{n}", MONDAY + 100 + n, id=f"c{n}", reply_to_member=f"m{n + 1}")
        for n in range(MOST_EDGES + 3 * MOST_RECENT)
    ]
    graph = graph_of([*friends, *crowd])
    assert KEPT_EDGES <= len(graph.edges) <= MOST_EDGES
    assert len(graph.recent) <= MOST_RECENT
    assert any((edge.speaker, edge.to) == ("amy", "bo") for edge in graph.edges)


@pytest.mark.parametrize("text", ["我不同意", "这个不见得吧", "I disagree", "Not true at all"])
def test_words_of_disagreement_are_heard(text: str) -> None:
    assert disagrees(text)


@pytest.mark.parametrize("text", ["同意", "对的", "I agree", "the key is right here", ""])
def test_words_of_agreement_are_not_taken_for_disagreement(text: str) -> None:
    assert not disagrees(text)


def star(*centres: str) -> list[Any]:
    return [(f"m{n}", centre, 4.0, 0.0) for centre in centres for n in range(10)]


def test_key_people_are_those_whom_the_others_talk_to() -> None:
    found = key_people(star("amy", "bo", "chen", "dai"))
    assert {person.member for person in found[:4]} == {"amy", "bo", "chen", "dai"}
    assert len(found) == 4
    assert all(0 <= person.score <= 1 for person in found)


def test_a_fifth_who_matters_alike_is_named_too() -> None:
    assert len(key_people(star("amy", "bo", "chen", "dai", "eve"))) == 5


def test_who_ties_two_circles_together_is_between() -> None:
    def circle(name: str) -> list[Any]:
        people = [f"{name}{n}" for n in range(6)]
        return [(a, b, 1.0, 0.0) for a in people for b in people if a != b]

    bridge: list[Any] = [("link", "x0", 1.0, 0.0), ("y0", "link", 1.0, 0.0)]
    found = key_people([*circle("x"), *circle("y"), *bridge])
    between = {person.member: person.between for person in found}
    assert between["x0"] > 0.9
    assert between["y0"] > 0.9
    assert all(share == 0 for name, share in between.items() if name not in ("x0", "y0"))


def test_nobody_is_key_where_nobody_talks_to_anybody() -> None:
    assert key_people([]) == []
