"""The documents that the points stage keeps."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from services.scoring.calendar import DAY
from services.scoring.erasure.forgetting import Forgetting
from services.scoring.erasure.tombstones import Tombstones
from services.scoring.points.account import Account, Entry
from shared.events import GroupId, MemberId, Millis, TenantId
from shared.stream.contracts import Kind

KEPT_DAYS: Final = 7
"""An invitation is kept when the invited member is still there after so many days."""


class Invitation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody accepted an invitation; at `due_at` the inviter earns if it still `holds`.

    `left_at` is when the invited member left; it may be known before the rest.
    """

    tenant: TenantId
    group: GroupId
    invitee: MemberId
    inviter: MemberId | None = None
    accepted_at: int = 0
    left_at: int = 0
    counts: int = 0
    paid: bool = False
    live: bool = False
    due_at: Millis | None = None

    @property
    def holds(self) -> bool:
        """Whether the invitation was no spam, and who came has stayed."""
        soon = self.accepted_at <= self.left_at < self.accepted_at + KEPT_DAYS * DAY
        return self.inviter is not None and self.counts > 0 and not soon


class ErasedAccounts(Struct, frozen=True, kw_only=True):
    """Which members of a group were erased: what they did before earns nothing."""

    tenant: TenantId
    group: GroupId
    erased: Tombstones


ACCOUNTS: Final = Kind("accounts", Account, shown=("tenant", "group", "member", "anchor", "total"))
LEDGER: Final = Kind("ledger", Entry)
INVITATIONS: Final = Kind("invitations", Invitation, timed=True)
ERASED_ACCOUNTS: Final = Kind("erased_accounts", ErasedAccounts)
POINT_FORGETTINGS: Final = Kind("point_forgettings", Forgetting, timed=True)
KINDS: Final = (ACCOUNTS, LEDGER, INVITATIONS, ERASED_ACCOUNTS, POINT_FORGETTINGS)


def document_id(*parts: str) -> str:
    """Return the `_id` of an account (tenant, group, member), entry or invitation."""
    return "\x1f".join(parts)
