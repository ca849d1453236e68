"""A flag that is taken back leaves no trace in any document, whatever comes first."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.stage import GROUPS, MEMBERS, group_id, member_id, scoring_stage
from shared.events import BaseEvent, encode
from shared.settings import Settings
from shared.stream.contracts import Key
from shared.stream.folding import Effects, Folder
from shared.topics import Topic
from shared.verdicts import Flag
from tests.unit.scoring.builders import MONDAY, folded, said, spam
from tests.unit.scoring.test_stage import History, histories
from tests.unit.stream.raw_records import Raw


def reversal(flag: Flag) -> Flag:
    return msgspec.structs.replace(flag, id=f"reversal-of-{flag.id}", reverses=flag.id)


@st.composite
def overturned(draw: st.DrawFn) -> tuple[History, History]:
    """Draw a history with reversals of some of its flags, and the history without those flags."""
    history = draw(histories())
    flags = [value for value in history if isinstance(value, Flag)]
    taken_back = [flag for flag in flags if draw(st.booleans())]
    gone = {flag.id for flag in taken_back}
    return [*history, *map(reversal, taken_back)], [v for v in history if v.id not in gone]


@settings(max_examples=150, deadline=None)
@given(overturned(), st.randoms(use_true_random=False))
def test_in_any_order_a_reversed_flag_leaves_the_documents_of_a_history_without_it(
    histories: tuple[History, History], random: Random
) -> None:
    history, without = histories
    shuffled = list(history)
    random.shuffle(shuffled)
    assert folded(shuffled).by_key == folded(without).by_key


def test_a_reversal_may_come_before_its_flag_and_before_the_event() -> None:
    event = said("amy", MONDAY, reply_to_member="bo")
    backwards = [reversal(spam(event)), spam(event), event]
    assert folded(backwards).by_key == folded([event]).by_key


def test_points_labels_and_the_group_s_share_of_spam_come_back() -> None:
    events = [said("amy", MONDAY + n) for n in range(3)]
    flags = [spam(event) for event in events]
    taken = folded([*events, *flags]).by_key
    given_back = folded([*events, *flags, *map(reversal, flags)]).by_key
    member: Key = (MEMBERS, member_id("acme", "g1", "amy"))
    assert taken[member].flags == {"advertising": 3}
    assert taken[member].score.rank == 0
    assert given_back[member].flags == {}
    assert given_back[member] == folded(events).by_key[member]
    group: Key = (GROUPS, group_id("acme", "g1"))
    assert given_back[group] == folded(events).by_key[group] != taken[group]


def test_a_reversal_that_is_repeated_counts_once() -> None:
    event = said("amy", MONDAY)
    back = reversal(spam(event))
    once = changes([event], [spam(event), back])
    assert changes([event], [spam(event), back, back, back]) == once
    assert changes([event], [back, spam(event), back]) == once


def changes(events: Sequence[BaseEvent], flags: Sequence[Flag]) -> dict[Key, object]:
    """Return the documents after the runtime's own fold of the two topics."""
    folder = Folder(scoring_stage(), Settings(), 0)
    for topic, values in ((Topic.EVENTS, events), (Topic.FLAGS, flags)):
        effects = Effects()
        for step in folder.admit(topic, records(values), effects):
            for kind, ids in folder.documents.missing(step.keys).items():
                folder.documents.learn(kind, ids, {})
            folder.apply(step, effects)
        assert not effects.outgoing, "nothing went to the dead letters"
    return dict(folder.documents.changes)


def records(values: Sequence[BaseEvent | Flag]) -> list[Raw]:
    return [Raw(offset, encode(value)) for offset, value in enumerate(values)]
