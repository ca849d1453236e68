"""The pages that the navigation leads to: the closed set, in its order."""

from __future__ import annotations

from typing import Final, NamedTuple

from services.console.sessions import Session
from shared.web.scopes import Scope


class Place(NamedTuple):
    """A page of the navigation, and the scope without which it is not shown."""

    name: str
    path: str
    needs: Scope = Scope.READ


PLACES: Final = (Place("groups", "/groups"),)


def shown_to(session: Session) -> list[Place]:
    """Return the pages that somebody may open."""
    return [place for place in PLACES if session.may(place.needs)]
