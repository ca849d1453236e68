"""The laws of folding: cuts do not matter, repetitions change nothing, rebuilt equals live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.actions import Action, ActionKind
from shared.events import GroupId, MemberId, MessageId, MessagePosted, Millis, TenantId
from shared.settings import Settings
from shared.stream.contracts import Publish, Stage
from shared.stream.folding import Effects, Folder
from shared.topics import Topic
from tests.integration.stream.counting import COUNTS, CountingPartition, counting_stage
from tests.unit.stream.raw_records import Raw, log_of

SETTINGS = Settings()


def event(number: int, text: str = "hello") -> MessagePosted:
    return MessagePosted(
        id=f"e{number}",
        source="s",
        tenant=TenantId("t"),
        group=GroupId(f"g{number % 3}"),
        member=MemberId("m"),
        time=Millis(number),
        message=MessageId(f"x{number}"),
        text=text,
    )


def folder() -> Folder:
    return Folder(counting_stage(), SETTINGS, 0)


def feed(state: Folder, records: Sequence[Raw], stored: dict[Any, Any] | None = None) -> Effects:
    """Fold a batch as a partition does: admit, load, apply."""
    effects = Effects()
    if records:
        steps = state.admit(Topic.EVENTS, records, effects)
        for kind, ids in state.documents.missing(k for step in steps for k in step.keys).items():
            state.documents.learn(kind, ids, stored or {})
        for step in steps:
            state.apply(step, effects)
    return effects


def result(states: Iterable[Effects], state: Folder) -> tuple[Any, list[bytes | None]]:
    return dict(state.documents.changes), [one.value for each in states for one in each.outgoing]


logs = st.lists(st.integers(0, 15), max_size=40).map(
    lambda numbers: log_of(event(number) for number in numbers)
)
cuts = st.lists(st.integers(0, 40), max_size=6).map(sorted)


@given(log=logs, cuts=cuts)
def test_how_records_are_cut_into_batches_does_not_matter(log: list[Raw], cuts: list[int]) -> None:
    whole, cut = folder(), folder()
    expected = result([feed(whole, log)], whole)
    edges = [0, *[min(edge, len(log)) for edge in cuts], len(log)]
    parts = [feed(cut, log[a:b]) for a, b in pairwise(edges)]
    assert result(parts, cut) == expected


@given(log=logs, prefix=st.integers(0, 40))
def test_replaying_any_prefix_changes_nothing(log: list[Raw], prefix: int) -> None:
    once, twice = folder(), folder()
    again = [
        Raw(len(log) + number, raw.value, timestamp=raw.timestamp)
        for number, raw in enumerate(log[:prefix])
    ]
    expected = result([feed(once, log)], once)
    assert result([feed(twice, log), feed(twice, again)], twice) == expected


@given(log=logs, checkpoint=st.integers(0, 40))
def test_state_rebuilt_from_the_log_goes_on_like_the_live_one(
    log: list[Raw], checkpoint: int
) -> None:
    before, after = log[:checkpoint], log[checkpoint:]
    live, restored = folder(), folder()
    feed(live, before)
    stored = {
        key[1]: {"tenant": doc.tenant, "messages": doc.messages, "checksum": doc.checksum}
        for key, doc in live.documents.changes.items()
    }
    live.documents.freeze()
    live.documents.flushed()
    restored.rebuild(Topic.EVENTS, before)
    expected = result([feed(live, after)], live)
    assert result([feed(restored, after, stored)], restored) == expected
    assert recent(restored) == recent(live)


def recent(state: Folder) -> list[str]:
    part = state._part
    assert isinstance(part, CountingPartition)
    return part.recent


def test_a_record_that_fails_is_a_dead_letter_and_leaves_no_trace() -> None:
    state = folder()
    effects = feed(state, log_of([event(0), event(3, "poison"), event(6)]))
    letters = [one for one in effects.outgoing if one.topic == "dlq"]
    headers = dict(letters[0].headers)
    assert len(letters) == 1
    assert headers["reason"] == b"ValueError: this text is poison"
    assert headers["stage"] == b"counting"
    assert b"counting.py" in headers["traceback"]
    assert (headers["origin-partition"], headers["origin-offset"]) == (b"0", b"1")
    assert state.documents.changes[COUNTS, "t/g0"].messages == 2
    assert state.offsets == {"events": 3}


def test_a_careful_folder_buries_what_mongodb_could_not_store() -> None:
    state = folder()
    state.careful = True
    effects = feed(state, log_of([event(0), event(3, "huge"), event(6)]))
    letters = [one for one in effects.outgoing if one.topic == "dlq"]
    assert [dict(one.headers)["origin-offset"] for one in letters] == [b"1"]
    assert state.documents.changes[COUNTS, "t/g0"].messages == 2


def test_a_document_of_more_than_16_mib_cannot_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.stream.documents.MOST_BYTES", 50)
    state = folder()
    state.careful = True
    [letter, *_] = feed(state, log_of([event(0)])).outgoing
    assert dict(letter.headers)["reason"] == b"ValueError: test_counts/t/g0 would exceed 50 bytes"


def test_an_input_that_leads_to_more_than_kafka_takes_is_a_dead_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.stream.folding.MOST_BYTES", 120)
    state = folder()
    effects = feed(state, log_of([event(0), event(300_000_000), event(6)]))
    reasons = [dict(one.headers).get("reason") for one in effects.outgoing]
    assert reasons == [None, b"ValueError: a record for actions would have 132 bytes", None]
    assert state.documents.changes[COUNTS, "t/g0"].messages == 2


def test_bytes_that_do_not_decode_are_a_dead_letter_as_they_came() -> None:
    state = folder()
    broken = [Raw(0, b"{nonsense"), Raw(1, None), Raw(2, b'{"type":"message.posted"}')]
    effects = feed(state, broken)
    assert [one.value for one in effects.outgoing] == [b"{nonsense", None, broken[2].value]
    assert state.offsets == {"events": 3}
    assert not state.documents.changes


def test_a_replayed_dead_letter_is_folded_once_though_its_id_was_seen() -> None:
    state = folder()
    feed(state, log_of([event(0)]))
    replay = (("replay-of", b"dlq-0-7"),)
    again = [Raw(offset, log_of([event(0)])[0].value, headers=replay) for offset in (1, 2)]
    feed(state, again)
    assert state.documents.changes[COUNTS, "t/g0"].messages == 2


class Telling(CountingPartition):
    """Tells once a batch how many records it has had, besides what each leads to."""

    def conclude(self) -> Iterable[Publish]:
        action = Action(
            id=f"after-{len(self.recent)}",
            kind=ActionKind.MESSAGE_REPLY,
            tenant=TenantId("t"),
            group=GroupId("g"),
            time=Millis(1),
            cause="batch",
        )
        return [Publish(Topic.ACTIONS, action)]


def test_what_a_batch_leads_to_goes_out_after_what_its_records_lead_to() -> None:
    stage = Stage("telling", (Topic.EVENTS,), lambda _: Telling(), (COUNTS,))
    state = Folder(stage, SETTINGS, 0)
    effects = feed(state, log_of(event(number) for number in range(3)))
    state.conclude(effects)
    *single, last = effects.outgoing
    assert len(single) == 3
    assert b"after-3" in last.value
    assert last.topic == single[0].topic


def test_a_stage_that_has_nothing_to_say_of_a_batch_says_nothing() -> None:
    state, effects = folder(), Effects()
    state.conclude(effects)
    assert effects.outgoing == []
