"""What connectors have in common: which actions are words, which words, and how long. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any, Final
from urllib.parse import quote

import msgspec
from msgspec import structs

from services.notify.attempts import Failure, Result
from services.notify.connectors.contract import UnsupportedError
from services.notify.endpoints import Endpoint
from shared.actions import Action, ActionKind

IN_GROUP: Final = frozenset(
    {
        ActionKind.MESSAGE_SEND,
        ActionKind.MESSAGE_REPLY,
        ActionKind.MEMBER_WARN,
        ActionKind.MEMBER_WELCOME,
        ActionKind.MEMBER_ASK,
        ActionKind.MEMBER_PROMOTED,
    }
)
"""Actions that are said where all of the group can read them."""
TO_OPERATORS: Final = frozenset(
    {
        ActionKind.GROUP_ALERT,
        ActionKind.GROUP_DIGEST,
        ActionKind.OPERATOR_NOTICE,
        ActionKind.CASE_OPENED,
        ActionKind.CASE_DECIDED,
    }
)
"""Actions that are said to operators, never in the group."""
ADDRESSED: Final = frozenset(
    {ActionKind.MEMBER_WARN, ActionKind.MEMBER_WELCOME, ActionKind.MEMBER_ASK}
)
"""Actions in the group that call the member by name."""

_ELLIPSIS: Final = "…"
_LONGEST_WAIT: Final = 86_400
_encode: Final = msgspec.json.Encoder().encode


def words(action: Action) -> str:
    """Return what an action says: its text, or its reason where it has none.

    Operators also read which group and member it is about.
    """
    said = action.text or action.reason or action.kind.value
    if action.kind not in TO_OPERATORS:
        return said
    about = " · ".join(each for each in (action.group, action.member) if each)
    return f"[{about}] {said}"


def clipped(text: str, characters: int) -> str:
    """Return the text, cut so that it has at most so many characters."""
    return text if len(text) <= characters else text[: characters - 1] + _ELLIPSIS


def clipped_to_bytes(text: str, most: int) -> str:
    """Return the text, cut so that it has at most so many bytes of UTF-8."""
    raw = text.encode()
    if len(raw) <= most:
        return text
    return raw[: most - len(_ELLIPSIS.encode())].decode("utf-8", "ignore") + _ELLIPSIS


def needed(value: str | None, what: str) -> str:
    """Return a value that the platform's call cannot do without. Raises `UnsupportedError`."""
    if not value:
        raise UnsupportedError(f"the action has no {what}")
    return value


def encoded(fields: Mapping[str, Any]) -> bytes:
    """Return a JSON body."""
    return _encode(fields)


def segment(part: str) -> str:
    """Return one segment of a URL's path, whatever is in it."""
    return quote(part, safe="")


def told(answer: Result) -> dict[str, Any]:
    """Return the JSON object that a platform answered with; empty if it is none or cut off."""
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def number(value: object) -> int | None:
    """Return a code of a platform's, if it is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def done(answer: Result) -> Result:
    """Return the answer as a success: what was asked for is so already."""
    return structs.replace(answer, status=200, failure=None)


def refused(answer: Result) -> Result:
    """Return the answer as a refusal for good: asking again would change nothing."""
    return structs.replace(answer, failure=Failure.REFUSED)


def too_fast(answer: Result, seconds: float | str) -> Result:
    """Return the answer as one to a request that came too early by so many seconds."""
    wait = seconds if isinstance(seconds, str) else str(ceil(min(max(seconds, 1), _LONGEST_WAIT)))
    return structs.replace(answer, status=429, retry_after=wait)


def gone(answer: Result) -> Result:
    """Return the answer as the end of the endpoint: its credential is not valid any more."""
    return structs.replace(answer, status=410)


def busy(answer: Result) -> Result:
    """Return the answer as a fault of the platform's that will pass."""
    return structs.replace(answer, status=503)


def unknown_options(endpoint: Endpoint, known: Iterable[str]) -> dict[str, str]:
    """Return the options that the connector has no use for, as errors by field."""
    names = set(known)
    return {
        f"options/{name}": "is not an option of this type"
        for name in endpoint.options
        if name not in names
    }
