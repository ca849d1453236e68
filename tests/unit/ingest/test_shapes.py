"""What is looked for in a body without decoding it: escapes of control characters, and depth."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.cloudevents import read_structured, split_array
from services.ingest.rejection import MalformedBody, RejectedEvent
from tests.unit.ingest.test_cloudevents import READING, cloudevent


@given(st.text(max_size=5), st.integers(0, 31))
def test_a_control_character_in_an_id_is_refused_however_it_is_escaped(
    text: str, control: int
) -> None:
    short = json.dumps(cloudevent(id=text + chr(control)))
    long = json.dumps(cloudevent(id=text + "~")).replace('~"', f'\\u{control:04X}"')
    for raw in (short, long):
        with pytest.raises(RejectedEvent) as rejected:
            read_structured(raw.encode(), READING)
        assert rejected.value.detail == "Control characters are not allowed here."


def test_an_item_that_is_nested_too_deeply_is_refused_alone() -> None:
    deep = b'{"a":' * 65 + b"1" + b"}" * 65
    items = split_array(b"[" + deep + b"," + json.dumps(cloudevent()).encode() + b"]")
    with pytest.raises(RejectedEvent, match="64 deep"):
        read_structured(items[0], READING)
    assert read_structured(items[1], READING).event.id == "a"
    with pytest.raises(MalformedBody) as malformed:
        split_array(b'[{"a":' * 100_000)
    assert "64 deep" in malformed.value.detail
