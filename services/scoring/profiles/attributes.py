"""The attributes that a tenant gives its members: declared with a type, kept as text."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Final

from msgspec import Struct

AttributeValue = str | float | bool
MOST_CHARACTERS: Final = 200


class AttributeType(StrEnum):
    """What an attribute's values are."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"

    @property
    def nothing(self) -> AttributeValue:
        """What a condition sees where a member does not have the attribute."""
        return _NOTHING[self]


_NOTHING: Final[dict[AttributeType, AttributeValue]] = {
    AttributeType.STRING: "",
    AttributeType.NUMBER: 0.0,
    AttributeType.BOOLEAN: False,
    AttributeType.DATE: "",
}


class Attribute(Struct, frozen=True, kw_only=True):
    """An attribute that a tenant has declared."""

    type: AttributeType
    description: str = ""


def written(type: AttributeType, value: object) -> str:
    """Return the text that stands for a value of JSON, as it is kept.

    Raises `ValueError` with what is wrong where the value is not of the type.
    """
    if type is AttributeType.BOOLEAN and isinstance(value, bool):
        return "true" if value else "false"
    if type is AttributeType.NUMBER and isinstance(value, int | float) and value is not True:
        return _number(value)
    if type in (AttributeType.STRING, AttributeType.DATE) and isinstance(value, str):
        return _text(value) if type is AttributeType.STRING else _date(value)
    raise ValueError(f"is not a {type.value}")


def read(type: AttributeType, text: str) -> AttributeValue:
    """Return the value that a kept text stands for; nothing's value where it is of another type.

    What platforms say of members is not checked before, so it may be anything.
    """
    try:
        if type is AttributeType.NUMBER:
            number = float(text)
            return number if isfinite(number) else 0.0
        if type is AttributeType.DATE:
            return _date(text)
    except ValueError:
        return type.nothing
    return text == "true" if type is AttributeType.BOOLEAN else text


def _number(value: float) -> str:
    if isinstance(value, bool) or not isfinite(value):
        raise ValueError("is not a number")
    return repr(value)


def _text(value: str) -> str:
    if not value or len(value) > MOST_CHARACTERS:
        raise ValueError(f"needs 1 to {MOST_CHARACTERS} characters; null removes the attribute")
    return value


def _date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError("is not a date such as 2026-03-01") from None
