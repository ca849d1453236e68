"""Ids that can be used as keys: without the characters that separate and end them."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from msgspec.inspect import ListType, Metadata, StrType, StructType, Type, UnionType

from services.ingest.rejection import RejectedEvent
from shared.events import EVENT_TYPES, BaseEvent

_CONTROL: Final = re.compile(r"[\x00-\x1f]")


def check_ids(event: BaseEvent) -> None:
    """Raise `RejectedEvent` if an id (or the name of an attribute) has control characters.

    Identities are joined with U+001F, and MongoDB refuses field names with U+0000.
    """
    for name in _ID_FIELDS[event.type]:
        value = getattr(event, name)
        if value and _CONTROL.search(value if type(value) is str else "".join(value)):
            place = f"/{name}" if name in ("id", "source") else f"/data/{name}"
            detail = "Control characters are not allowed here."
            raise RejectedEvent(422, "Invalid event", detail, pointer=place)


def _is_id(field: Type) -> bool:
    """Whether a type is an id: a string that may not be empty, or several of them."""
    if isinstance(field, Metadata):
        return _is_id(field.type)
    if isinstance(field, UnionType):
        return any(_is_id(option) for option in field.types)
    if isinstance(field, ListType):
        return _is_id(field.item_type)
    return isinstance(field, StrType) and bool(field.min_length)


def _id_fields(event: type[BaseEvent]) -> tuple[str, ...]:
    info = msgspec.inspect.type_info(event)
    fields = info.fields if isinstance(info, StructType) else ()
    return tuple(
        field.name
        for field in fields
        if field.name == "attributes" or (field.name != "tenant" and _is_id(field.type))
    )


_ID_FIELDS: Final = {name: _id_fields(event) for name, event in EVENT_TYPES.items()}
