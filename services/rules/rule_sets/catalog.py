"""The rule sets of all tenants: few of them compiled at a time, each when it is first needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, Protocol

import msgspec
import structlog

from services.rules.pack import Pack, PackError
from services.rules.pack_source import RuleSource
from services.rules.rule_sets.versions import Deployment, Mode, Published, Trial
from services.rules.rules import ConditionPool, RuleSet
from services.rules.trials import in_share
from shared.events import TenantId

log = structlog.get_logger(__name__)

MOST_COMPILED: Final = 256
"""Rule sets that are kept compiled in a process, besides the shipped one: 0.4 MB each, less
where they share conditions."""


class Judges(NamedTuple):
    """Who judges the events of a group.

    `acting` is the rule set whose verdicts count; `watching` another whose
    verdicts are compared with them. `version` is the candidate among the two.
    """

    acting: RuleSet
    watching: RuleSet | None = None
    version: str = ""

    @property
    def need_documents(self) -> bool:
        """Whether there are windows in documents."""
        watching = self.watching is not None and self.watching.has_durable_windows
        return self.acting.has_durable_windows or watching


class RuleSets(Protocol):
    """Tells which rule set judges."""

    def judges(self, tenant: str, group: str) -> Judges:
        """Return who judges the events of a group."""

    def of(self, tenant: str) -> RuleSet:
        """Return the rule set in force for a tenant."""


class OneRuleSet(RuleSets):
    """The same rule set for everybody."""

    def __init__(self, pack: Pack) -> None:
        self._rules = RuleSet(pack)
        self._judges = Judges(self._rules)

    def judges(self, tenant: str, group: str) -> Judges:
        return self._judges

    def of(self, tenant: str) -> RuleSet:
        return self._rules


class Catalog(RuleSets):
    """What is in force for each tenant; the shipped pack for those without a rule set."""

    def __init__(self, shipped: Pack, most_compiled: int = MOST_COMPILED) -> None:
        self._pool = ConditionPool()
        self._shipped = RuleSet(shipped, self._pool)
        self._default = Judges(self._shipped)
        self._most = most_compiled
        self._deployed: dict[TenantId, Deployment] = {}
        self._versions: dict[TenantId, dict[str, Published]] = {}
        self._compiled: OrderedDict[tuple[str, str], RuleSet] = OrderedDict()

    def __len__(self) -> int:
        """Return how many rule sets are compiled, besides the shipped one."""
        return len(self._compiled)

    def canaries(self) -> Iterator[tuple[TenantId, Trial]]:
        """Yield the trials that act in a share of the groups, and whose they are."""
        for tenant, deployment in list(self._deployed.items()):
            if deployment.trial is not None and deployment.trial.mode is Mode.CANARY:
                yield tenant, deployment.trial

    def canary_rules(self) -> Iterator[tuple[Deployment, RuleSource]]:
        """Yield the canaries among the rules in force that judge in this process."""
        for tenant, deployment in list(self._deployed.items()):
            compiled = self._compiled.get((tenant, deployment.active or ""))
            for rule in compiled.pack.source.rules if compiled is not None else ():
                if rule.mode == "canary" and rule.name not in deployment.withdrawn:
                    yield deployment, rule

    def missing(self, deployment: Deployment) -> set[str]:
        """Return the versions that are named, and not known here yet."""
        return _named(deployment) - self._versions.get(deployment.tenant, {}).keys()

    def adopt(self, deployment: Deployment, versions: Mapping[str, Published]) -> None:
        """Put a deployment in force. Versions that it does not name any more are forgotten."""
        tenant, named = deployment.tenant, _named(deployment)
        known = {**self._versions.get(tenant, {}), **versions}
        self._versions[tenant] = {name: each for name, each in known.items() if name in named}
        for name in known.keys() - named:
            self._compiled.pop((tenant, name), None)
        before = self._deployed.get(tenant)
        if before is not None and before.withdrawn != deployment.withdrawn:
            for name in named:
                self._compiled.pop((tenant, name), None)
        self._deployed[tenant] = deployment

    def judges(self, tenant: str, group: str) -> Judges:
        deployment = self._deployed.get(TenantId(tenant))
        if deployment is None:
            return self._default
        settled, trial = self.of(tenant), deployment.trial
        if trial is None:
            return Judges(settled)
        candidate = self.version(tenant, trial.version)
        canary = trial.mode is Mode.CANARY
        if canary and in_share(tenant, group, trial.version, trial.share):
            return Judges(candidate, settled, trial.version)
        return Judges(settled, candidate, trial.version)

    def of(self, tenant: str) -> RuleSet:
        deployment = self._deployed.get(TenantId(tenant))
        if deployment is None or deployment.active is None:
            return self._shipped
        return self.version(tenant, deployment.active)

    def version(self, tenant: str, version: str) -> RuleSet:
        """Return a version that is named by the tenant's deployment, compiled.

        One that this release cannot use any more gives way to the shipped one.
        """
        key = (tenant, version)
        found = self._compiled.get(key)
        if found is None:
            found = self._compile(TenantId(tenant), version)
            self._compiled[key] = found
            if len(self._compiled) > self._most:
                self._compiled.popitem(last=False)
        else:
            self._compiled.move_to_end(key)
        return found

    def _compile(self, tenant: TenantId, version: str) -> RuleSet:
        published = self._versions[tenant][version]
        try:
            deployed = self._deployed[tenant]
            withdrawn = deployed.withdrawn if version == deployed.active else ()
            return RuleSet(published.pack(), self._pool, withdrawn)
        except (PackError, msgspec.MsgspecError) as error:
            log.warning("rule_set_unusable", version=version, error=str(error))
            return self._shipped


def _named(deployment: Deployment) -> set[str]:
    named = {deployment.active, deployment.trial.version if deployment.trial else None}
    return {version for version in named if version is not None}
