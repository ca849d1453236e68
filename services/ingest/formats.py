"""What kind of body a request has, by its content type."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from services.ingest.cloudevents import is_json


class Format(Enum):
    """How events stand in a body."""

    STRUCTURED = "structured"
    BINARY = "binary"
    ARRAY = "array"
    LINES = "lines"


class UnsupportedFormat(Exception):
    """The body's type or charset is not one that is read; `detail` says which are."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def format_of_one(headers: Mapping[str, str]) -> Format:
    """Return the format of a request with one event. Raises `UnsupportedFormat`."""
    essence = _essence(headers)
    if essence == "application/cloudevents+json":
        return Format.STRUCTURED
    if "ce-specversion" in headers and (not essence or is_json(essence)):
        return Format.BINARY
    if essence == "application/json":
        return Format.STRUCTURED
    raise UnsupportedFormat(
        "Send application/cloudevents+json, or application/json with or without `ce-` headers."
    )


def format_of_batch(headers: Mapping[str, str]) -> Format:
    """Return the format of a request with several events. Raises `UnsupportedFormat`."""
    essence = _essence(headers)
    if essence in ("application/cloudevents-batch+json", "application/json"):
        return Format.ARRAY
    if essence == "application/x-ndjson":
        return Format.LINES
    raise UnsupportedFormat(
        "Send application/cloudevents-batch+json, application/json or application/x-ndjson."
    )


def format_of_stream(headers: Mapping[str, str]) -> Format:
    """Return the format of a stream of events: lines. Raises `UnsupportedFormat`."""
    if _essence(headers) == "application/x-ndjson":
        return Format.LINES
    raise UnsupportedFormat("Send application/x-ndjson.")


def _essence(headers: Mapping[str, str]) -> str:
    essence, _, parameters = headers.get("content-type", "").lower().partition(";")
    charset = parameters.partition("charset=")[2].split(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise UnsupportedFormat("JSON is UTF-8.")
    return essence.strip()
