"""How long an answer asks to be left alone."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

from shared.events import Millis


def retry_after(value: str, now: Millis) -> int | None:
    """Return the wait in milliseconds that a `Retry-After` asks for (RFC 9110 §10.2.3).

    It is a number of seconds or an HTTP date; a date that has passed asks for
    no wait. None for anything else.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return int(text) * 1000 if len(text) <= 12 else None
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:  # "-0000", which asctime dates are read as
            moment = moment.replace(tzinfo=UTC)
        return max(0, round(moment.timestamp() * 1000) - now)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
