"""Single rules that are in force in a share of the groups, and in shadow in the others."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Final

from services.rules.pack_source import RuleSource
from services.rules.trials import in_share

MOST_GROUPS: Final = 10_000
"""Groups of which it is remembered which canaries are in force there."""


class Canaries:
    """The canaries among a pack's rules. A rule has the same groups in every version.

    A greater share has the groups of a smaller one, and more.
    """

    def __init__(self, rules: Iterable[RuleSource], withdrawn: Container[str] = ()) -> None:
        """Take the canaries among these rules; those `withdrawn` are in force nowhere."""
        canaries = [rule for rule in rules if rule.mode == "canary" and rule.name not in withdrawn]
        self._shares = {rule.name: rule.share for rule in canaries}
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    def acting(self, tenant: str, group: str) -> frozenset[str]:
        """Return the names of the canaries that are in force in a group.

        Of no group, which is the empty id, those that are in force in all.
        """
        if not self._shares:
            return _NONE
        found = self._known.get((tenant, group))
        if found is None:
            if len(self._known) >= MOST_GROUPS:
                self._known.clear()
            found = frozenset(
                name
                for name, share in self._shares.items()
                if (group or share == _ALL) and in_share(tenant, group, name, share)
            )
            self._known[tenant, group] = found
        return found


_ALL: Final = 100
_NONE: Final[frozenset[str]] = frozenset()
