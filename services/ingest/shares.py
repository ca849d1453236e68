"""Shares of what there is only so much of, so that no tenant takes the room of another."""

from __future__ import annotations

from shared.events import TenantId


class OverShareError(Exception):
    """The tenant holds its share already."""


class Shares:
    """Room for `most`, held by tenants.

    A tenant may hold as much as is still free: alone up to a half, two of them
    a third each. So whoever comes next finds room, however much one tenant
    sends (dynamic thresholds: Choudhury and Hahne, 1998).
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[TenantId, int] = {}
        self.used = 0
        """How much is held by all together."""

    def take(self, tenant: TenantId, size: int) -> None:
        """Raise `OverShareError` rather than let a tenant hold more than its share."""
        held = self._held.get(tenant, 0) + size
        if held > self._most - self.used - size:
            raise OverShareError(tenant)
        self._held[tenant] = held
        self.used += size

    def give_back(self, tenant: TenantId, size: int) -> None:
        self.used -= size
        held = self._held.get(tenant, 0) - size
        if held:
            self._held[tenant] = held
        else:
            self._held.pop(tenant, None)
