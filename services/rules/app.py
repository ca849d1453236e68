"""The rules service, put together."""

from __future__ import annotations

from fastapi import FastAPI

from services.rules.api import rules_routes
from services.rules.backtests.api import backtest_routes
from services.rules.backtests.runner import Runner
from services.rules.backtests.store import BacktestStore
from services.rules.erasure.store import TraceStore
from services.rules.pack import default_pack
from services.rules.review.api import CaseRoom, case_routes, decision_routes
from services.rules.review.asking import Asking
from services.rules.review.incidents_api import incident_routes
from services.rules.review.log_api import log_routes, trust_routes
from services.rules.review.standing import StandingReference
from services.rules.review.store import (
    AuditStore,
    CaseStore,
    IncidentStore,
    LessonStore,
    StandingStore,
)
from services.rules.review.taught import Taught
from services.rules.review.teaching import Teaching
from services.rules.rule_sets.api import rule_set_routes
from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.drafts_api import draft_routes
from services.rules.rule_sets.in_force import InForce
from services.rules.rule_sets.rollback import Rollback
from services.rules.rule_sets.store import RuleSetStore, TrialStore
from services.rules.rule_sets.trials_api import trial_routes
from services.rules.rules import RuleSet
from services.rules.stage import rules_stage
from services.rules.store import FlagStore
from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Runtime
from shared.stream.writer import RecordWriter
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
    standing, writer = StandingStore(service.database), RecordWriter(settings)
    known = StandingReference(standing)
    trials = TrialStore(service.database)
    service.run(in_force)
    service.run(writer)
    asking = Asking(writer)
    service.run(Rollback(catalog, rule_sets, trials, asking))
    taught = Taught(RuleSet(default_pack()))
    service.run(Teaching(LessonStore(service.database), taught))
    stage = rules_stage(
        catalog,
        references=(in_force, known),
        standing=known,
        taught=taught,
        performer=TraceStore(service.database),
    )
    service.run(Runtime(stage, settings, client))
    flags, cases = FlagStore(service.database), CaseStore(service.database)
    room = CaseRoom(cases, flags, asking)
    service.serve(rules_routes(catalog, flags, taught))
    backtests = BacktestStore(service.database)
    service.run(Runner(backtests, catalog, settings))
    service.serve(backtest_routes(backtests, rule_sets))
    service.serve(trial_routes(rule_sets, trials, catalog, asking))
    service.serve(rule_set_routes(rule_sets, catalog, asking))
    service.serve(draft_routes())
    service.serve(case_routes(room))
    service.serve(decision_routes(room))
    service.serve(incident_routes(IncidentStore(service.database), asking))
    service.serve(trust_routes(standing, asking))
    service.serve(log_routes(AuditStore(service.database), cases, flags))
    return service.app
