"""What a platform's module is to the door: a pure function from a request to events."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from shared.json_depth import MOST_DEPTH, is_too_deep

T = TypeVar("T")

Secrets = Mapping[str, str]
"""What a platform and Steward both know, by the name that the platform gives it."""

MOST_IN_ONE: Final = 500
"""How many events one request may bring; platforms send one, homeservers up to a hundred."""
LONGEST_TEXT: Final = 20_000
LONGEST_NAME: Final = 200
"""Characters that an event holds of a text, and of a name; the rest is cut."""


class Request(Struct, frozen=True, kw_only=True):
    """A platform's request; header names are in lower case, `now` is Unix seconds.

    `rest` is what follows the door's address in the path.
    """

    method: str = "POST"
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    body: bytes = b""
    rest: str = ""
    now: int = 0

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a generic source's items become events of one type; every value is CEL.

    The first rule whose `when` is true of an item makes its event.
    """

    type: str
    id: str
    data: dict[str, str]
    when: str = "true"
    time: str | None = None


class Mapped(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping: the rules, and where in the body the items are (the body itself without)."""

    rules: list[Rule]
    each: str | None = None


class Draft(Struct, frozen=True, kw_only=True):
    """An event as a platform tells it, not checked yet; `kind` is the platform's word for it."""

    kind: str
    type: str
    id: str
    time: datetime | None
    data: dict[str, Any]


class Reply(Struct, frozen=True):
    """What the platform waits for."""

    body: bytes = b"{}"
    media_type: str = "application/json"
    status: int = 200


OK: Final = Reply()


class Received(Struct, frozen=True):
    """What a genuine request says: events, kinds that mean nothing here, and the reply."""

    drafts: list[Draft] = []
    ignored: list[str] = []
    reply: Reply = OK


class Forged(StrEnum):
    """Why a request is not believed."""

    MISSING = "the signature or token is missing"
    WRONG = "the signature or token is wrong"
    STALE = "the timestamp is too far from now"


class ForgedError(Exception):
    """The request does not prove that the platform sent it."""

    def __init__(self, reason: Forged) -> None:
        super().__init__(reason.value)
        self.reason = reason


class UnreadableError(Exception):
    """The body of a genuine request is not in the platform's format."""


class SecretsError(ValueError):
    """The secrets that were given for a door are not what the platform needs."""


class Platform(Struct, frozen=True, kw_only=True):
    """One platform: its secrets, its function, and which of its events become which of ours.

    `receive` raises `ForgedError` and `UnreadableError` and nothing else, and
    `check` raises `SecretsError`.
    """

    name: str
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("POST",)
    becomes: Mapping[str, tuple[str, ...]]
    receive: Callable[[Request, Secrets, Mapped | None], Received]
    check: Callable[[Secrets], None] = lambda _: None


def require_same(given: str, expected: str) -> None:
    """Raise `ForgedError` unless both are equal; takes the same time wherever they differ."""
    if not given:
        raise ForgedError(Forged.MISSING)
    if not same(given, expected):
        raise ForgedError(Forged.WRONG)


def same(given: str, expected: str) -> bool:
    """Whether both are equal, in the same time wherever they differ; an empty one never is."""
    if not expected:
        return False
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def require_recent(seconds: str, now: int, tolerance: int) -> None:
    """Raise `ForgedError` unless `seconds` (Unix time, decimal) is within `tolerance` of `now`."""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 12):
        raise ForgedError(Forged.MISSING if not seconds else Forged.STALE)
    if abs(now - int(seconds)) > tolerance:
        raise ForgedError(Forged.STALE)


def bearer(request: Request) -> str:
    """Return the token of an `Authorization: Bearer` header, or nothing."""
    scheme, _, token = request.header("authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def within_bounds(items: list[T]) -> list[T]:
    """Return the items of one request. Raises `UnreadableError` where they are too many."""
    if len(items) > MOST_IN_ONE:
        raise UnreadableError(f"A request may have {MOST_IN_ONE} items.")
    return items


def read_json(body: bytes | str) -> object:
    """Decode JSON of any shape. Raises `UnreadableError`."""
    if is_too_deep(body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body):
        raise UnreadableError(f"Arrays and objects may be nested {MOST_DEPTH} deep.")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise UnreadableError(f"The body is not JSON: {error}") from None


def write_json(**members: object) -> Reply:
    """Return the reply that is a JSON object."""
    return Reply(json.dumps(members).encode())


def moment(seconds: float | None) -> datetime | None:
    """Return the time that is so many Unix seconds, or None where that is no time."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def iso(text: str) -> datetime | None:
    """Return the time that ISO 8601 text says, or None where it says none with its offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
