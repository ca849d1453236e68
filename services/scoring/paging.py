"""Cursors: where a page of a list ended, so that the next one begins there."""

from __future__ import annotations

import base64
import binascii
from typing import Final

import msgspec

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
