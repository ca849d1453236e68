from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.archive.event import (
    ARCHIVE,
    DICTIONARY,
    archive_id,
    archived,
    event_json,
    span,
)
from services.ingest.stage import ArchivePartition, archive_stage
from shared.events import (
    BaseEvent,
    GroupId,
    MemberId,
    MessageId,
    MessagePosted,
    Millis,
    TenantId,
    encode,
)
from shared.settings import Settings
from shared.stream.contracts import Record
from shared.stream.folding import Effects, Folder
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from tests.unit.stream.raw_records import log_of

NOON = Millis(1_790_000_000_000)


class Asked:
    """Retentions that stand."""

    def __init__(self, **days: int) -> None:
        self._days = days

    async def refresh(self) -> None:
        """Nothing changes."""

    def ask(self, **days: int) -> None:
        self._days = days

    def days_of(self, tenant: TenantId) -> int | None:
        return self._days.get(tenant)

    def knows(self, tenant: TenantId) -> bool:
        return tenant in self._days


def posted(
    id: str = "1", tenant: str = "acme", time: int = NOON, text: str = "早"
) -> MessagePosted:
    return MessagePosted(
        id=id,
        source="demo",
        tenant=TenantId(tenant),
        group=GroupId("g1"),
        member=MemberId("m1"),
        time=Millis(time),
        message=MessageId(id),
        text=text,
    )


def record(event: BaseEvent, offset: int = 0) -> Record:
    appended = Millis(NOON + 5_000)
    return Record(Topic.EVENTS, 0, offset, event, appended=appended)


@given(text=st.text(max_size=2_000), id=st.text(min_size=1, max_size=50))
def test_what_is_archived_is_read_as_it_was(text: str, id: str) -> None:
    event = posted(id, text=text)
    kept = archived(event, NOON, 30)
    assert bytes(event_json(kept.body)) == encode(event)


def test_a_common_event_takes_less_than_two_thirds_of_its_json() -> None:
    event = posted("m-1001", text="大家早上好，今天谁去爬山？我带了茶和水果")
    assert len(archived(event, NOON, 30).body) < len(encode(event)) * 2 / 3


def test_the_dictionary_never_changes() -> None:
    digest = hashlib.sha256(DICTIONARY.read_bytes()).hexdigest()
    assert digest == "d705343d15993b02dc41acc7c3cce5b74d81b8f1f65879762fde99653fdd2adf"


def test_a_body_of_another_dictionary_is_not_guessed_at() -> None:
    body = archived(posted(), NOON, 30).body
    with pytest.raises(ValueError):
        event_json(b"\x02" + body[1:])


def test_only_events_of_tenants_that_ask_are_kept_each_for_its_time() -> None:
    events = [posted("1"), posted("2", tenant="other"), posted("3", tenant="third")]
    documents = MemoryDocuments()
    stage = ArchivePartition(Asked(acme=30, third=1))
    assert fold(stage, [record(each) for each in events], documents) == []
    taken = datetime.fromtimestamp((NOON + 5_000) / 1000, tz=UTC)
    kept: dict[str, Any] = {id: document for (_, id), document in documents.by_key.items()}
    assert {id: document.expires_at - taken for id, document in kept.items()} == {
        archive_id(events[0]): timedelta(days=30),
        archive_id(events[2]): timedelta(days=1),
    }


def test_history_is_kept_from_when_it_was_taken_not_from_when_it_happened() -> None:
    kept = archived(posted(time=1_000_000_000_000), NOON, 7)
    assert kept.expires_at == datetime.fromtimestamp(NOON / 1000, tz=UTC) + timedelta(days=7)


def test_an_event_archived_again_is_the_same_document() -> None:
    documents = MemoryDocuments()
    fold(ArchivePartition(Asked(acme=1)), [record(posted()), record(posted(), 1)], documents)
    assert list(documents.by_key) == [(ARCHIVE, archive_id(posted()))]


times = st.integers(0, 4_102_444_800_000)


@given(time=times, start=times, end=times)
def test_a_span_holds_the_tenant_s_events_from_its_start_to_before_its_end(
    time: int, start: int, end: int
) -> None:
    first, last = span("acme", Millis(start), Millis(end))
    assert (first < archive_id(posted(time=time)) < last) == (start <= time < end)


@given(
    tenant=st.text(st.characters(codec="utf-8", min_codepoint=33), min_size=1, max_size=5),
    time=times,
)
def test_no_other_tenant_is_in_a_span(tenant: str, time: int) -> None:
    first, last = span("acme", None, None)
    assert (first < archive_id(posted(tenant=tenant, time=time)) < last) == (tenant == "acme")


def test_events_are_told_as_they_are_on_the_topic() -> None:
    told = msgspec.json.decode(event_json(archived(posted(), NOON, 1).body))
    assert told["type"] == "message.posted"
    assert told["time"] == NOON


def test_only_the_events_of_tenants_that_ask_are_even_decoded() -> None:
    folder = Folder(archive_stage(Asked(acme=30)), Settings(), 0)
    log = log_of([posted("1"), posted("2", tenant="acme-2"), posted("3", tenant="other")])
    steps = folder.admit(Topic.EVENTS, log, Effects())
    assert [step.item.value.id for step in steps if isinstance(step.item, Record)] == ["1"]
    assert folder.offsets[Topic.EVENTS] == len(log)


def test_a_tenant_that_begins_to_ask_is_heard_from_the_next_batch_on() -> None:
    retentions = Asked()
    folder = Folder(archive_stage(retentions), Settings(), 0)
    assert folder.admit(Topic.EVENTS, log_of([posted("1")]), Effects()) == []
    retentions.ask(acme=30)
    [step] = folder.admit(Topic.EVENTS, log_of([posted("2")]), Effects())
    assert isinstance(step.item, Record)
    assert step.item.value.id == "2"
