from __future__ import annotations

import pytest

from services.ingest.formats import Format, UnsupportedFormat, format_of_batch, format_of_one


@pytest.mark.parametrize(
    ("content_type", "more", "expected"),
    [
        ("application/cloudevents+json", {}, Format.STRUCTURED),
        ("application/cloudevents+json; charset=UTF-8", {}, Format.STRUCTURED),
        ("application/cloudevents+json", {"ce-specversion": "1.0"}, Format.STRUCTURED),
        ("application/json", {}, Format.STRUCTURED),
        ("application/json", {"ce-specversion": "1.0"}, Format.BINARY),
        ("application/vnd.chat+json", {"ce-specversion": "1.0"}, Format.BINARY),
        ("", {"ce-specversion": "1.0"}, Format.BINARY),
    ],
)
def test_one_event(content_type: str, more: dict[str, str], expected: Format) -> None:
    assert format_of_one({"content-type": content_type} | more) is expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/cloudevents-batch+json", Format.ARRAY),
        ("Application/JSON; charset=utf-8", Format.ARRAY),
        ("application/x-ndjson", Format.LINES),
    ],
)
def test_several_events(content_type: str, expected: Format) -> None:
    assert format_of_batch({"content-type": content_type}) is expected


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "text/plain", "ce-specversion": "1.0"},
        {"content-type": "application/json; charset=gbk"},
    ],
)
def test_what_cannot_be_read_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(UnsupportedFormat):
        format_of_one(headers)
    with pytest.raises(UnsupportedFormat):
        format_of_batch(headers)
