"""Cursors: where a page of a list ended, so that the next begins there. Pure."""

from __future__ import annotations

import base64
import binascii

import msgspec


class InvalidCursorError(ValueError):
    """A cursor is none that we gave."""


def write(moment: int, id: str) -> str:
    """Return the cursor of a page that ended with this item."""
    return base64.urlsafe_b64encode(msgspec.json.encode((moment, id))).decode().rstrip("=")


def read(cursor: str) -> tuple[int, str]:
    """Return the last item of the page before. Raises `InvalidCursorError`."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=tuple[int, str])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise InvalidCursorError("not a cursor of this list") from None
