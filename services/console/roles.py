"""Which role a key gives, and what follows from it: the closed set of roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from shared.web.scopes import Scope


class Role(StrEnum):
    """What somebody is in the console, by the scopes of the key."""

    VIEWER = "viewer"
    MODERATOR = "moderator"
    OPERATOR = "operator"
    ADMIN = "admin"


OPERATING: Final = frozenset(
    {
        Scope.RULES_WRITE,
        Scope.CAMPAIGNS_WRITE,
        Scope.CAMPAIGNS_APPROVE,
        Scope.ENDPOINTS_WRITE,
        Scope.SOURCES_WRITE,
        Scope.MEMBERS_WRITE,
    }
)
"""Scopes of which one makes an operator."""


SCOPES: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.MODERATOR: frozenset({Scope.READ, Scope.REVIEW}),
    Role.OPERATOR: frozenset({Scope.READ, Scope.REVIEW}) | OPERATING,
    Role.ADMIN: frozenset({Scope.ADMIN}),
}
"""What a key opens that is made for somebody with a role."""


def role_of(scopes: Iterable[Scope]) -> Role:
    """Return the role of a key with these scopes: the highest that one of them gives."""
    held = frozenset(scopes)
    if Scope.ADMIN in held:
        return Role.ADMIN
    if held & OPERATING:
        return Role.OPERATOR
    return Role.MODERATOR if Scope.REVIEW in held else Role.VIEWER
