"""Ends canaries, rule sets and single rules, whose actions are disputed too often."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from services.rules.review.asking import Asking
from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.store import RuleSetStore, TrialStore
from services.rules.rule_sets.telling import told_of_change
from services.rules.rule_sets.versions import (
    DISPUTED,
    Deployment,
    Trial,
    rule_withdrawn,
    trial_ended,
)
from services.rules.trials import too_disputed
from shared.cancelling import cancel
from shared.events import TenantId
from shared.web.problems import Unavailable

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 10.0


class Rollback:
    """Looks every ten seconds. Every replica does, and the first one ends the trial."""

    def __init__(
        self, catalog: Catalog, rule_sets: RuleSetStore, trials: TrialStore, asking: Asking
    ) -> None:
        self._asking = asking
        self._catalog = catalog
        self._rule_sets = rule_sets
        self._trials = trials
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._looking = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        await cancel(self._looking)

    def problems(self) -> list[str]:
        return []

    def stuck(self) -> list[str]:
        return []

    async def look(self) -> None:
        """End the canaries that are disputed too often. Raises PyMongo's errors, `Unavailable`."""
        for tenant, trial in self._catalog.canaries():
            actions, disputed = await self._trials.disputes(tenant, trial.version, trial.since)
            if too_disputed(actions, disputed, trial.least_actions, trial.most_disputed):
                await self._end(tenant, trial)
                log.warning("canary_rolled_back", version=trial.version, disputed=disputed)

        for deployment, rule in self._catalog.canary_rules():
            actions, disputed = await self._trials.rule_disputes(deployment, rule.name)
            if too_disputed(actions, disputed, rule.least_actions, rule.most_disputed):
                await self._withdraw(deployment, rule.name)
                log.warning("canary_rule_withdrawn", rule=rule.name, disputed=disputed)

    async def _withdraw(self, seen: Deployment, rule: str) -> None:
        now = datetime.now(UTC)

        def withdraw(deployment: Deployment) -> Deployment:
            if deployment.active != seen.active:
                return deployment
            return rule_withdrawn(deployment, rule, now, "steward")

        await self._tell(await self._rule_sets.deploy(seen.tenant, withdraw))

    async def _end(self, tenant: TenantId, trial: Trial) -> None:
        now = datetime.now(UTC)

        def end(deployment: Deployment) -> Deployment:
            if deployment.trial is None or deployment.trial.version != trial.version:
                return deployment
            return trial_ended(deployment, now, "steward", DISPUTED)

        await self._tell(await self._rule_sets.deploy(tenant, end))

    async def _tell(self, deployment: Deployment) -> None:
        told = told_of_change(deployment)
        if told is not None:
            await self._asking.write(told)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except (PyMongoError, Unavailable) as error:
                log.warning("canaries_not_looked_at", error=type(error).__name__)
