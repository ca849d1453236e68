"""What a form said: an `application/x-www-form-urlencoded` body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs

MOST_FIELDS: Final = 2_000


class Form:
    """The fields of a form; one that was not sent is empty."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._fields = fields

    @classmethod
    def read(cls, body: bytes) -> Form:
        """Return the form of a body. Raises `ValueError` for more than `MOST_FIELDS`."""
        text = body.decode("utf-8", "replace")
        return cls(parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))

    def __getitem__(self, name: str) -> str:
        return self._fields.get(name, [""])[0].strip()

    def every(self, name: str) -> list[str]:
        """Return all values of a field that may stand several times."""
        return [value.strip() for value in self._fields.get(name, ())]

    def number(self, name: str) -> int | None:
        """Return a whole number, or None where the field holds none."""
        text = self[name]
        return int(text) if text.isascii() and text.removeprefix("-").isdigit() else None
