"""Who is signed in: a sealed cookie that carries the API key and what it opens."""

from __future__ import annotations

import secrets
from typing import Final

import msgspec

from services.console.roles import Role, role_of
from services.console.sealing import Seal, UnsealedError
from shared.web.scopes import Scope, allows

COOKIE: Final = "steward_session"
VISIT_COOKIE: Final = "steward_visit"
"""Carries the token of forms for who is not signed in."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is signed in until `until` (seconds since 1970).

    `csrf` is the token that every form of the session carries; `issued` says that
    the key was made for this session, and goes with it.
    """

    key: str
    key_id: str
    tenant: str
    name: str
    scopes: frozenset[Scope]
    csrf: str
    until: float
    issued: bool = False

    def __repr__(self) -> str:
        return f"Session({self.key_id})"

    @property
    def role(self) -> Role:
        return role_of(self.scopes)

    def may(self, scope: str) -> bool:
        """Whether the key opens what needs `scope`."""
        return allows(self.scopes, Scope(scope))


class Sessions:
    """Turns sessions into cookies and back."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def write(self, session: Session) -> str:
        """Return the cookie of a session."""
        return self._seal.close(msgspec.json.encode(session))

    def read(self, cookie: str | None, now: float) -> Session | None:
        """Return the session of a cookie; None if it is over, or was not made here."""
        if not cookie:
            return None
        try:
            session = msgspec.json.decode(self._seal.open(cookie), type=Session)
        except (UnsealedError, msgspec.MsgspecError):
            return None
        return session if now < session.until else None


def new_token() -> str:
    """Return a token that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)
