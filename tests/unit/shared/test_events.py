"""Records: how they are named, keyed and written."""

from __future__ import annotations

import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import (
    EVENT_TYPES,
    NAMESPACE,
    Event,
    GroupId,
    MemberId,
    MessageId,
    MessagePosted,
    Millis,
    TenantId,
    derive_id,
    encode,
)
from shared.topics import RECORDS, Topic

POSTED = MessagePosted(
    id="1",
    source="wechat",
    tenant=TenantId("t"),
    group=GroupId("g"),
    member=MemberId("m"),
    time=Millis(1),
    message=MessageId("x"),
    text="加微信",
)


def test_an_event_comes_back_as_it_was_written() -> None:
    assert msgspec.json.decode(encode(POSTED), type=Event) == POSTED


def test_unknown_fields_of_a_newer_service_are_dropped() -> None:
    newer = {**msgspec.json.decode(encode(POSTED)), "from_the_future": [1, 2]}
    assert msgspec.json.decode(msgspec.json.encode(newer), type=Event) == POSTED


def test_events_of_two_tenants_or_sources_are_never_the_same() -> None:
    others = [
        msgspec.structs.replace(POSTED, tenant=TenantId("u")),
        msgspec.structs.replace(POSTED, source="qq"),
        msgspec.structs.replace(POSTED, id="2"),
    ]
    assert len({POSTED.identity, *(other.identity for other in others)}) == 4


def test_a_groups_records_share_a_key_but_not_with_another_tenant() -> None:
    assert POSTED.key == "t/g"
    assert msgspec.structs.replace(POSTED, tenant=TenantId("u")).key == "u/g"


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_an_events_type_is_the_tag_it_is_written_with(name: str) -> None:
    assert EVENT_TYPES[name].__struct_config__.tag == name


def test_derived_ids_follow_from_their_parts_and_from_their_order() -> None:
    assert derive_id("a", "b") == derive_id("a", "b")
    assert (
        len({derive_id("a", "b"), derive_id("b", "a"), derive_id("ab"), derive_id("a", "", "b")})
        == 4
    )


def test_every_topic_but_the_dead_letters_has_a_struct() -> None:
    assert set(RECORDS) == set(Topic) - {Topic.DLQ}


@pytest.mark.parametrize(
    ("field", "value"),
    [("text", "x" * 20_001), ("group", ""), ("member", "m" * 201), ("time", "now")],
)
def test_fields_out_of_bounds_do_not_decode(field: str, value: str) -> None:
    raw = {**msgspec.json.decode(encode(POSTED)), field: value}
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.json.decode(msgspec.json.encode(raw), type=Event)


@given(st.lists(st.text(max_size=50), max_size=4))
def test_a_derived_id_is_the_uuid_of_version_5(parts: list[str]) -> None:
    assert derive_id(*parts) == str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))
