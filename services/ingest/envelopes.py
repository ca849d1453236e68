"""The CloudEvents that are taken, as structs derived from the records they become.

Each event type of `shared.events` has a `…Data` (what CloudEvents' `data`
holds) and a `…CloudEvent` (structured mode: attributes and data in one JSON
object). They are made here at import, so a new event type needs nothing else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Union

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from shared.events import EVENT_TYPES, BaseEvent, Id

ATTRIBUTES: Final = frozenset({"id", "source", "tenant", "time"})
"""Fields of an event that are not in `data`: CloudEvents' attributes, and the key's tenant."""

Timestamp = Annotated[
    datetime,
    Meta(tz=True, description="RFC 3339, when it happened. Missing: the time of arrival."),
]
SpecVersion = Annotated[Literal["1.0"], Meta(description="Version of CloudEvents.")]
ContentType = Annotated[str, Meta(description="Media type of `data`: JSON, which is the default.")]


class Attributes(Struct, frozen=True, kw_only=True):
    """The context attributes of a CloudEvent that mean something here."""

    specversion: SpecVersion
    id: Id
    source: Id
    type: str
    time: Timestamp | None = None
    datacontenttype: ContentType | None = None


def _data_of(event: type[BaseEvent]) -> type[Struct]:
    fields: list[Any] = []
    for field in msgspec.structs.fields(event):
        if field.name in ATTRIBUTES:
            continue
        if field.default_factory is not NODEFAULT:
            default = msgspec.field(default_factory=field.default_factory)
            fields.append((field.name, field.type, default))
        elif field.default is not NODEFAULT:
            fields.append((field.name, field.type, field.default))
        else:
            fields.append((field.name, field.type))
    return msgspec.defstruct(
        f"{event.__name__}Data",
        fields,
        namespace={"__doc__": event.__doc__},
        module=__name__,
        frozen=True,
        kw_only=True,
    )


def _envelope_of(event: type[BaseEvent], data: type[Struct]) -> type[Struct]:
    return msgspec.defstruct(
        f"{event.__name__}CloudEvent",
        [
            ("specversion", SpecVersion),
            ("id", Id),
            ("source", Id),
            ("data", data),
            ("time", Timestamp | None, None),
            ("datacontenttype", ContentType | None, None),
        ],
        namespace={"__doc__": event.__doc__},
        module=__name__,
        frozen=True,
        kw_only=True,
        tag_field="type",
        tag=event.__struct_config__.tag,
    )


DATA: Final[dict[str, type[Struct]]] = {
    name: _data_of(event) for name, event in EVENT_TYPES.items()
}
"""What `data` holds, by event type."""

ENVELOPES: Final[dict[str, type[Struct]]] = {
    name: _envelope_of(event, DATA[name]) for name, event in EVENT_TYPES.items()
}
"""The whole CloudEvent in structured mode, by event type."""

decode_envelope: Final = msgspec.json.Decoder(Union[tuple(ENVELOPES.values())]).decode  # noqa: UP007
"""Decode a CloudEvent in structured mode to the envelope of its type."""

DECODE_DATA: Final = {name: msgspec.json.Decoder(data).decode for name, data in DATA.items()}
"""Decoders of `data` alone, by event type."""
