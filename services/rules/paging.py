"""Cursors of the list of flags: the time and id of the last one that was given."""

from __future__ import annotations

import base64
import binascii

import msgspec


class CursorError(ValueError):
    """A cursor is none that we gave."""


def write_cursor(time: int, id: str) -> str:
    """Return the cursor of a page that ended with this flag."""
    return base64.urlsafe_b64encode(msgspec.json.encode((time, id))).decode()


def read_cursor(cursor: str) -> tuple[int, str]:
    """Return the time and id in a cursor. Raises `CursorError`."""
    try:
        raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=tuple[int, str])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise CursorError("not a cursor of this list") from None
