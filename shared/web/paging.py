"""Pages of a list: where one ended is a cursor, and the next begins there."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from fastapi import Depends, Query

from shared.web.problems import Problem

Place = tuple[float, str]
"""The last item of a page: its sort value (0 where the id alone sorts) and its id."""

_DECODER: Final = msgspec.json.Decoder(Place)


class InvalidCursorError(ValueError):
    """A cursor is none that was given out."""


def write(place: Place) -> str:
    """Return the cursor of a page that ended at `place`."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read(cursor: str) -> Place:
    """Return where the page before ended. Raises `InvalidCursorError`."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place: Place = _DECODER.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise InvalidCursorError("not a cursor of this list") from None
    return place


def next_cursor(places: Sequence[Place], limit: int) -> str | None:
    """Return the cursor behind a page of these items, or None where the list has ended."""
    return write(places[-1]) if len(places) == limit else None


def _place(
    cursor: Annotated[str | None, Query(max_length=2000, description="`next` of a page.")] = None,
) -> Place | None:
    try:
        return None if cursor is None else read(cursor)
    except InvalidCursorError as error:
        problem = {"field": "cursor", "detail": str(error)}
        raise Problem(422, "Invalid request", errors=[problem]) from None


After = Annotated[Place | None, Depends(_place)]
"""The query parameter `cursor`; another string than one given out is answered with 422."""

Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]
"""The query parameter `limit`."""
