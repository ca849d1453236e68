"""What each tenant's moderators taught, in force in this process."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from services.rules.check import observed
from services.rules.learning import Learned, everyday_lessons
from services.rules.rules import RuleSet

MOST_TENANTS: Final = 256
"""Tenants whose corrections are in memory; those taught longest ago go first."""


class Taught:
    """Corrections by tenant. The same lessons in the same order give the same signals."""

    def __init__(self, shipped: RuleSet, most_tenants: int = MOST_TENANTS) -> None:
        self._shipped = shipped
        everyday_lessons(shipped)  # a tenth of a second, better at the start than amid events
        self._most = most_tenants
        self._learned: OrderedDict[str, Learned] = OrderedDict()

    def of(self, tenant: str) -> Learned | None:
        """Return a tenant's correction, if anything was taught."""
        return self._learned.get(tenant)

    def teach(self, tenant: str, text: str, bad: bool) -> None:
        """Learn from a decision on a text."""
        learned = self._learned.get(tenant)
        if learned is None:
            learned = self._learned[tenant] = Learned(self._shipped)
            if len(self._learned) > self._most:
                self._learned.popitem(last=False)
        self._learned.move_to_end(tenant)
        learned.teach(observed(text), bad)
