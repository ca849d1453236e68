from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.cloudevents import (
    MAX_EVENT_BYTES,
    Reading,
    Taken,
    identify,
    read_binary,
    read_structured,
    split_array,
    split_lines,
)
from services.ingest.envelopes import DATA, ENVELOPES
from services.ingest.rejection import MalformedBody, RejectedEvent
from shared.events import (
    EVENT_TYPES,
    Event,
    GroupId,
    MemberId,
    MessageId,
    MessagePosted,
    Millis,
    Role,
    TenantId,
    encode,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
READING = Reading(TenantId("acme"), NOW)
MEMBER = {"group": "g1", "member": "m1"}
DATA_OF_MESSAGE = {**MEMBER, "message": "x", "text": "早上好"}


def cloudevent(**changes: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": "a",
        "source": "demo",
        "type": "message.posted",
        "time": "2026-03-01T09:00:00.5+08:00",
        "data": DATA_OF_MESSAGE,
    }
    return {name: value for name, value in (event | changes).items() if value is not ...}


def read(event: object) -> Taken:
    return read_structured(json.dumps(event).encode(), READING)


def rejection(event: object) -> RejectedEvent:
    with pytest.raises(RejectedEvent) as raised:
        read(event)
    return raised.value


def test_a_cloudevent_becomes_the_event_of_its_type() -> None:
    assert read(cloudevent()) == Taken(
        MessagePosted(
            id="a",
            source="demo",
            tenant=TenantId("acme"),
            group=GroupId("g1"),
            member=MemberId("m1"),
            time=Millis(1772326800500),
            message=MessageId("x"),
            text="早上好",
        ),
        clamped=False,
    )


def test_attributes_that_are_not_known_are_let_through() -> None:
    extended = cloudevent(subject="s", dataschema="https://example.com", traceparent="x", more=1)
    assert read(extended) == read(cloudevent())


def test_tenant_and_time_do_not_come_from_data() -> None:
    event = read(cloudevent(data=DATA_OF_MESSAGE | {"tenant": "evil", "time": 1})).event
    assert (event.tenant, event.time) == ("acme", 1772326800500)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": ""}, "/id"),
        ({"id": ...}, "/id"),
        ({"id": "x" * 201}, "/id"),
        ({"id": "a\x1fb"}, "/id"),
        ({"source": 7}, "/source"),
        ({"specversion": "0.3"}, "/specversion"),
        ({"type": "message.sung"}, "/type"),
        ({"type": ...}, "/type"),
        ({"time": "yesterday"}, "/time"),
        ({"time": "2026-03-01T09:00:00"}, "/time"),
        ({"time": "1999-12-31T23:59:59Z"}, "/time"),
        ({"time": "2100-01-01T00:00:00Z"}, "/time"),
        ({"datacontenttype": "text/plain"}, "/datacontenttype"),
        ({"data": ...}, "/data"),
        ({"data": "{}"}, "/data"),
        ({"data": DATA_OF_MESSAGE | {"group": ""}}, "/data/group"),
        ({"data": DATA_OF_MESSAGE | {"group": "g\n1"}}, "/data/group"),
        ({"data": DATA_OF_MESSAGE | {"member": None}}, "/data/member"),
        ({"data": DATA_OF_MESSAGE | {"text": "x" * 20_001}}, "/data/text"),
        ({"data": DATA_OF_MESSAGE | {"role": "king"}}, "/data/role"),
        ({"data": DATA_OF_MESSAGE | {"mentions": ["m2", 3]}}, "/data/mentions/1"),
        ({"data": DATA_OF_MESSAGE | {"mentions": ["m\x002"]}}, "/data/mentions"),
        (
            {
                "type": "purchase.made",
                "data": MEMBER | {"order": "o", "amount": 10**12 + 1, "currency": "CNY"},
            },
            "/data/amount",
        ),
        (
            {"type": "member.updated", "data": MEMBER | {"attributes": {"a\0b": "c"}}},
            "/data/attributes",
        ),
        (
            {
                "type": "member.updated",
                "data": {"group": "g", "member": "m", "attributes": {"a": 1}},
            },
            "/data/attributes",
        ),
    ],
)
def test_a_field_that_does_not_fit_is_named(changes: dict[str, Any], pointer: str) -> None:
    rejected = rejection(cloudevent(**changes))
    assert (rejected.status, rejected.pointer) == (422, pointer)


def test_line_breaks_are_fine_in_texts() -> None:
    event = read(cloudevent(data=DATA_OF_MESSAGE | {"text": "one\ntwo\t三"})).event
    assert isinstance(event, MessagePosted)
    assert event.text == "one\ntwo\t三"


def test_an_event_has_a_largest_size() -> None:
    assert rejection(cloudevent(padding="x" * MAX_EVENT_BYTES)).status == 413


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 12_000, b"\xef\xbb\xbf{}", b'"\\ud800"']
)
def test_what_is_not_json_is_said_to_be_malformed(body: bytes) -> None:
    with pytest.raises(RejectedEvent) as raised:
        read_structured(body[:MAX_EVENT_BYTES], READING)
    assert raised.value.status in (400, 422)


def headers_of(event: dict[str, Any]) -> dict[str, str]:
    return {f"ce-{name}": quote(value) for name, value in event.items() if name != "data"}


def test_binary_mode_and_structured_mode_say_the_same() -> None:
    event = cloudevent(id="早 %1", source="https://demo/a b")
    body = json.dumps(event["data"]).encode()
    assert read_binary(headers_of(event), body, READING) == read(event)


@pytest.mark.parametrize(
    ("sent", "meant"), [('"a b"', "a b"), ("a%20b", "a b"), ('"a\\"b"', 'a"b')]
)
def test_header_values_may_be_quoted_or_percent_encoded(sent: str, meant: str) -> None:
    headers = headers_of(cloudevent()) | {"ce-id": sent}
    assert read_binary(headers, json.dumps(DATA_OF_MESSAGE).encode(), READING).event.id == meant


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("ce-id", "", 422),
        ("ce-id", "%FF", 400),
        ("ce-id", "%00", 422),
        ("ce-id", "\xff", 400),
        ("ce-type", "message.sung", 422),
        ("ce-specversion", "2.0", 422),
        ("ce-time", "soon", 422),
        ("ce-time", "1970-01-01T00:00:00Z", 422),
    ],
)
def test_a_header_that_does_not_fit_is_named(header: str, value: str, status: int) -> None:
    headers = headers_of(cloudevent()) | {header: value}
    with pytest.raises(RejectedEvent) as raised:
        read_binary(headers, json.dumps(DATA_OF_MESSAGE).encode(), READING)
    assert (raised.value.header, raised.value.status) == (header, status)


def test_every_event_type_can_be_sent_and_only_its_own_fields() -> None:
    assert ENVELOPES.keys() == DATA.keys() == EVENT_TYPES.keys()
    for name, event in EVENT_TYPES.items():
        assert set(DATA[name].__struct_fields__) == set(event.__struct_fields__) - {
            "id",
            "source",
            "tenant",
            "time",
        }


@given(st.data())
def test_what_goes_in_comes_out(data: st.DataObject) -> None:
    ids = st.text(
        st.characters(exclude_categories=["Cs"], min_codepoint=32), min_size=1, max_size=20
    )
    role = data.draw(st.sampled_from(Role))
    content = {
        "group": data.draw(ids),
        "member": data.draw(ids),
        "message": data.draw(ids),
        "role": role,
        "text": data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=50)),
        "mentions": data.draw(st.lists(ids, max_size=3)),
    }
    event = read(cloudevent(id=data.draw(ids), data=content)).event
    assert msgspec.json.decode(encode(event), type=Event) == event
    assert {name: getattr(event, name) for name in content} == content


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["specversion", "id", "source", "type", "time", "datacontenttype"]), JSON
    ),
    st.dictionaries(st.sampled_from([*DATA_OF_MESSAGE, "role", "mentions", "media"]), JSON),
    st.sampled_from([*EVENT_TYPES]),
)
def test_json_of_any_shape_is_taken_or_rejected(
    attributes: dict[str, Any], data: dict[str, Any], kind: str
) -> None:
    event = cloudevent(type=kind, data=DATA_OF_MESSAGE | data) | attributes
    try:
        taken = read(event)
    except RejectedEvent:
        return
    assert msgspec.json.decode(encode(taken.event), type=Event) == taken.event


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_bytes_of_any_kind_are_rejected(body: bytes) -> None:
    with pytest.raises(RejectedEvent):
        read_structured(body, READING)
    assert identify(body) is None


@given(
    st.dictionaries(
        st.sampled_from(["ce-id", "ce-source", "ce-type", "ce-time", "ce-specversion"]),
        st.text(st.characters(max_codepoint=255), max_size=30),
    ),
    st.binary(max_size=50),
)
def test_headers_of_any_kind_are_taken_or_rejected(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(RejectedEvent):
        read_binary(headers_of(cloudevent()) | headers, body, READING)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1", b"[1]x", b"[" * 100_000, b'["\x01"]'])
def test_what_is_not_an_array_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        split_array(body)


def test_items_come_out_as_they_went_in() -> None:
    assert split_array(b' [ {"a": 1} , 2,"x" ] ') == [b'{"a": 1}', b"2", b'"x"']
    assert split_lines(b'{"a":1}\r\n\n  \n{"b":2}') == [b'{"a":1}\r', b'{"b":2}']


def test_the_id_of_a_bad_item_is_found_where_it_can_be() -> None:
    assert identify(b'{"id": "a", "type": 7}') == "a"
    assert identify(b'{"id": 7}') is None
    assert identify(b"[]") is None
