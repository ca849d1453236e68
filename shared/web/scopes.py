"""What a key may be allowed to do: the closed set of scopes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """One kind of thing that a key opens."""

    EVENTS_WRITE = "events:write"
    SOURCES_WRITE = "sources:write"
    RULES_WRITE = "rules:write"
    REVIEW = "review"
    ENDPOINTS_WRITE = "endpoints:write"
    CAMPAIGNS_WRITE = "campaigns:write"
    CAMPAIGNS_APPROVE = "campaigns:approve"
    MEMBERS_WRITE = "members:write"
    READ = "read"
    ADMIN = "admin"


MEANINGS: Final[dict[Scope, str]] = {
    Scope.EVENTS_WRITE: "Send events, and members' appeals.",
    Scope.SOURCES_WRITE: "Declare the sources of events: signatures, addresses, mappings.",
    Scope.RULES_WRITE: "Change what is judged, and how.",
    Scope.REVIEW: "Read the evidence: the archive of events; decide on what was flagged.",
    Scope.ENDPOINTS_WRITE: "Create and change endpoints, see their secrets, deliver again.",
    Scope.CAMPAIGNS_WRITE: "Write campaigns and personas; pause and cancel campaigns.",
    Scope.CAMPAIGNS_APPROVE: "Let campaigns begin or go on; set up relays.",
    Scope.MEMBERS_WRITE: "Set members' attributes; define attributes, segments and steps.",
    Scope.READ: "Read everything but evidence, secrets and keys; check a text.",
    Scope.ADMIN: "Everything above, keys, the archive's settings, members' erasure and export.",
}


def allows(scopes: frozenset[Scope] | None, needed: Scope) -> bool:
    """Whether a key with these scopes may do what needs `needed`; None: it may do all."""
    return scopes is None or needed in scopes or Scope.ADMIN in scopes
