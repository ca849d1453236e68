"""The rules service, put together."""

from __future__ import annotations

from fastapi import FastAPI

from services.rules.api import rules_routes
from services.rules.backtests.api import backtest_routes
from services.rules.backtests.runner import Runner
from services.rules.backtests.store import BacktestStore
from services.rules.pack import default_pack
from services.rules.rule_sets.api import rule_set_routes
from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.in_force import InForce
from services.rules.rule_sets.rollback import Rollback
from services.rules.rule_sets.store import RuleSetStore, TrialStore
from services.rules.rule_sets.trials_api import trial_routes
from services.rules.stage import rules_stage
from services.rules.store import FlagStore
from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Runtime
from shared.web.service import Service


def create_app(settings: Settings) -> FastAPI:
    """Return the application of the service; it starts its stage with itself."""
    client = connect(settings)
    service = Service(
        "rules",
        settings,
        client,
        title="Steward rules",
        description="Finds spam, fraud, abuse and disorder, and explains what it found.",
    )
    catalog = Catalog(default_pack())
    rule_sets = RuleSetStore(service.database)
    in_force = InForce(rule_sets, catalog)
    trials = TrialStore(service.database)
    service.run(in_force)
    service.run(Rollback(catalog, rule_sets, trials))
    service.run(Runtime(rules_stage(catalog, references=(in_force,)), settings, client))
    service.serve(rules_routes(catalog, FlagStore(service.database)))
    backtests = BacktestStore(service.database)
    service.run(Runner(backtests, catalog, settings))
    service.serve(backtest_routes(backtests, rule_sets))
    service.serve(trial_routes(rule_sets, trials, catalog))
    service.serve(rule_set_routes(rule_sets, catalog))
    return service.app
