"""Links that sign somebody in once: kept in memory, short-lived, for the own machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from services.console.sessions import Session, new_token

LINK_SECONDS: Final = 900.0
MOST_LINKS: Final = 1_000


class SignInLinks:
    """The links that were given out and not used yet."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._links: dict[str, tuple[Session, float]] = {}

    def make(self, session: Session) -> str:
        """Return the token of a link that signs in once within `LINK_SECONDS`."""
        now = self._clock()
        self._links = {token: each for token, each in self._links.items() if now < each[1]}
        while len(self._links) >= MOST_LINKS:
            self._links.pop(next(iter(self._links)))
        token = new_token()
        self._links[token] = session, now + LINK_SECONDS
        return token

    def use(self, token: str) -> Session | None:
        """Return whom a link signs in; None if it was used, is too old or never was."""
        session, until = self._links.pop(token, (None, 0.0))
        return session if self._clock() < until else None
