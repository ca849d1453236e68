"""Who is not acted against: those who run the group, and members whom the tenant trusts."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from services.rules.review.incident import incident_id
from services.rules.verdict import ACTING, Verdict
from shared.events import BaseEvent, Group, Member, Millis, Tenant
from shared.stream.contracts import Kind
from shared.verdicts import Decision, Flag


class Trusted(Struct, frozen=True, kw_only=True):
    """A member whom the tenant trusts, in one group or (None) in all of them.

    `trusted` is false once the trust was withdrawn: readers learn of it by `since`.
    """

    tenant: Tenant
    member: Member
    group: Group | None
    trusted: bool
    since: Millis
    by: str
    note: str = ""


TRUSTED: Final = Kind("trusted_members", Trusted)


def trust_id(tenant: str, group: str | None, member: str) -> str:
    """Return the `_id` of a trust."""
    return "\x1f".join((tenant, group or "", member))


class Standing(Protocol):
    """Who is trusted and which campaigns were overturned, as of the last look."""

    def trusts(self, event: BaseEvent) -> bool:
        """Whether the tenant trusts the acting member in the event's group."""

    def pardons(self, tenant: str, fingerprint: str) -> bool:
        """Whether the incident of this fingerprint was overturned: its copies may stay."""


class KnownStanding:
    """Standing by two sets: `trust_id`s, and ids of overturned incidents."""

    def __init__(
        self, trusted: AbstractSet[str] = frozenset(), pardoned: AbstractSet[str] = frozenset()
    ) -> None:
        self.trusted = trusted
        self.pardoned = pardoned

    def trusts(self, event: BaseEvent) -> bool:
        if not self.trusted:
            return False
        ids = (trust_id(event.tenant, group, event.member) for group in (event.group, None))
        return any(id in self.trusted for id in ids)

    def pardons(self, tenant: str, fingerprint: str) -> bool:
        return bool(self.pardoned) and incident_id(tenant, fingerprint) in self.pardoned


def spared(verdict: Verdict) -> Verdict:
    """Return what a verdict comes to for somebody immune."""
    return replace(verdict, decision=Decision.WATCH, mute_seconds=0)


def spared_flag(flag: Flag) -> Flag:
    """Return what a flag comes to for somebody immune."""
    return replace(flag, decision=Decision.WATCH, spam=False)


def acts(decision: Decision) -> bool:
    """Whether a decision does something to a message or a member."""
    return decision in ACTING
