"""CloudEvents 1.0 to events: structured, binary and batched mode of the HTTP binding."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import asdict

from services.ingest.envelopes import DECODE_DATA, Attributes, decode_envelope
from services.ingest.names import check_ids
from services.ingest.rejection import MalformedBody, RejectedEvent, from_validation
from services.ingest.times import settle
from shared.events import EVENT_TYPES, BaseEvent, TenantId
from shared.json_depth import MOST_DEPTH, is_too_deep

T = TypeVar("T")

MAX_EVENT_BYTES: Final = 64 * 1024
_TOO_DEEP: Final = f"Arrays and objects may be nested {MOST_DEPTH} deep."
_HEADER_PREFIX: Final = "ce-"
_ATTRIBUTE_NAMES: Final = Attributes.__struct_fields__
# JSON has control characters only as escapes: without one of these there is none.
_CONTROL: Final = re.compile(rb"\\(?:[bfnrt]|u00[01])")
_decode_raws: Final = msgspec.json.Decoder(list[Raw]).decode


class Taken(NamedTuple):
    """An event as it goes on, and whether its time had to be clamped."""

    event: BaseEvent
    clamped: bool


class Reading(NamedTuple):
    """Whose events are read, and when."""

    tenant: TenantId
    now: datetime


class Context(Protocol):
    """The attributes of a CloudEvent, wherever they stood."""

    @property
    def id(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def time(self) -> datetime | None: ...


def read_structured(raw: bytes, reading: Reading) -> Taken:
    """Read a CloudEvent that is one JSON object. Raises `RejectedEvent`."""
    _check_shape(raw)
    envelope: Any = _decode(decode_envelope, raw)
    _check_content_type(envelope.datacontenttype)
    kind = str(envelope.__struct_config__.tag)
    taken = _build(kind, envelope, envelope.data, reading)
    if _CONTROL.search(raw):
        check_ids(taken.event)
    return taken


def read_binary(headers: Mapping[str, str], body: bytes, reading: Reading) -> Taken:
    """Read a CloudEvent with attributes in `ce-*` headers and data as the body.

    Raises `RejectedEvent`.
    """
    _check_shape(body)
    attributes = _attributes(headers)
    decode = DECODE_DATA.get(attributes.type)
    if decode is None:
        detail = f"Invalid value {attributes.type!r}"
        raise RejectedEvent(422, "Unknown event type", detail, header="ce-type")
    try:
        taken = _build(attributes.type, attributes, _decode(decode, body), reading)
        check_ids(taken.event)
        return taken
    except RejectedEvent as rejected:
        if rejected.pointer in ("/id", "/source", "/time"):
            rejected.header = _HEADER_PREFIX + rejected.pointer.removeprefix("/")
        raise


def split_array(body: bytes) -> list[bytes]:
    """Return the items of a JSON array, still encoded. Raises `MalformedBody`.

    An item that is nested too deeply is refused when it is read; the decoder
    itself gives up on what would exhaust the stack.
    """
    try:
        return [bytes(raw) for raw in _decode_raws(body)]
    except RecursionError:
        raise MalformedBody(_TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedBody(f"Not a JSON array: {error}") from None


def split_lines(body: bytes) -> list[bytes]:
    """Return the lines of NDJSON that are not blank."""
    return [line for line in body.split(b"\n") if line.strip()]


def identify(raw: bytes) -> str | None:
    """Return the `id` of an event that does not fit, where it can be made out."""
    if is_too_deep(raw):
        return None
    try:
        found = msgspec.json.decode(raw, type=dict[str, Raw]).get("id", Raw(b"null"))
        return msgspec.json.decode(found, type=str | None)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _decode(decode: Callable[[bytes], T], raw: bytes) -> T:
    try:
        return decode(raw)
    except msgspec.ValidationError as error:
        raise from_validation(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RejectedEvent(400, "Malformed JSON", str(error)) from None


def _build(kind: str, attributes: Context, data: Struct, reading: Reading) -> Taken:
    time, clamped = settle(attributes.time, reading.now)
    event = EVENT_TYPES[kind](
        id=attributes.id,
        source=attributes.source,
        tenant=reading.tenant,
        time=time,
        **asdict(data),
    )
    return Taken(event, clamped)


def _attributes(headers: Mapping[str, str]) -> Attributes:
    given = {
        name: _value(name, headers[_HEADER_PREFIX + name])
        for name in _ATTRIBUTE_NAMES
        if _HEADER_PREFIX + name in headers
    }
    try:
        return msgspec.convert(given, Attributes)
    except msgspec.ValidationError as error:
        rejected = from_validation(str(error))
        rejected.header = _HEADER_PREFIX + rejected.pointer.removeprefix("/")
        raise rejected from None


def _value(name: str, header: str) -> str:
    """Decode a header's value as the HTTP binding says (§3.1.3.2): quotes, then percents."""
    if len(header) >= 2 and header[0] == header[-1] == '"':
        header = re.sub(r"\\(.)", r"\1", header[1:-1])
    try:
        return unquote_to_bytes(header.encode("latin-1")).decode()
    except UnicodeError:
        detail = "It is not percent-encoded UTF-8."
        raise RejectedEvent(400, "Malformed header", detail, header=f"ce-{name}") from None


def _check_content_type(content_type: str | None) -> None:
    if content_type is not None and not is_json(content_type):
        detail = "Only JSON data is understood."
        raise RejectedEvent(422, "Invalid event", detail, pointer="/datacontenttype")


def is_json(content_type: str) -> bool:
    """Whether a media type says JSON (RFC 6839 suffix included)."""
    essence = content_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def _check_shape(raw: bytes) -> None:
    """Refuse what need not be decoded: events that are too long or too deep."""
    if len(raw) > MAX_EVENT_BYTES:
        detail = f"An event may have {MAX_EVENT_BYTES} bytes."
        raise RejectedEvent(413, "Event too large", detail)
    if is_too_deep(raw):
        raise RejectedEvent(400, "Nested too deeply", _TOO_DEEP)
