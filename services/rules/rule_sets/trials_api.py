"""REST: versions on trial, in shadow or as canaries, and how they compare."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter

from services.rules.review.asking import Asking
from services.rules.rule_sets.api import Writer, deploy, found_version
from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.schemas import ComparisonAnswer, DeploymentAnswer, NewTrial
from services.rules.rule_sets.store import RuleSetStore, TrialStore
from services.rules.rule_sets.versions import ENDED, Trial, trial_ended
from services.rules.rule_sets.versions import put_on_trial as tried
from services.rules.trials import comparison
from shared.web.auth import Tenanted

MOST_DIFFERENCES: Final = 50


def trial_routes(
    store: RuleSetStore, trials: TrialStore, catalog: Catalog, asking: Asking
) -> APIRouter:
    """Return the routes of `rule-sets` that are about trials."""
    router = APIRouter(tags=["rule sets"])

    @router.post("/rule-sets/{version}:try")
    async def put_on_trial(key: Writer, version: str, wanted: NewTrial) -> DeploymentAnswer:
        """Try a version in shadow or as a canary; it takes the place of another trial.

        `:activate` puts it in force everywhere.
        """
        await found_version(store, key.tenant, version)
        trial = Trial(version=version, since=datetime.now(UTC), by=key.id, **wanted.model_dump())
        done = await deploy(store, asking, key.tenant, lambda old: tried(old, trial))
        return DeploymentAnswer.of(done)

    @router.delete("/rule-sets/trial", status_code=204)
    async def end_trial(key: Writer) -> None:
        """End the trial: what was in force is in force everywhere."""
        now = datetime.now(UTC)
        await deploy(store, asking, key.tenant, lambda old: trial_ended(old, now, key.id, ENDED))

    @router.get("/rule-sets/{version}/comparison")
    async def compare(tenant: Tenanted, version: str) -> ComparisonAnswer:
        """Compare a version on trial with what is in force; a version in force with its own
        rules in shadow.
        """
        if version != catalog.of(tenant).pack.version:
            await found_version(store, tenant, version)
        tallies = await trials.tallies(tenant, version)
        differences = await trials.differences(tenant, version, MOST_DIFFERENCES)
        return ComparisonAnswer.of(comparison(tallies), differences)

    return router
