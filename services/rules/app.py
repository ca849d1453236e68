"""The rules service, put together."""

from __future__ import annotations

from fastapi import FastAPI

from services.rules.api import rules_routes
from services.rules.backtests.api import backtest_routes
from services.rules.backtests.runner import Runner
from services.rules.backtests.store import BacktestStore
from services.rules.erasure.store import TraceStore
from services.rules.opinions.store import OpinionStore
from services.rules.opinions.witness import Witness
from services.rules.pack import default_pack
from services.rules.performing import Performing
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
from services.rules.rule_sets.names_api import name_routes
from services.rules.rule_sets.rollback import Rollback
from services.rules.rule_sets.store import RuleSetStore, TrialStore
from services.rules.rule_sets.trials_api import trial_routes
from services.rules.rules import RuleSet
from services.rules.settings import RulesSettings
from services.rules.stage import rules_stage
from services.rules.store import FlagStore
from services.rules.word_lists.api import word_list_routes
from services.rules.word_lists.in_force import ListsInForce
from services.rules.word_lists.lists import KnownLists
from services.rules.word_lists.store import WordListStore
from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Runtime
from shared.stream.writer import RecordWriter
from shared.web.service import Service


def create_app(settings: Settings) -> FastAPI:
    """Return the application of the service; it starts its stage with itself."""
    own = RulesSettings.extending(settings)
    client = connect(own)
    service = Service(
        "rules",
        own,
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
    word_lists, lists = WordListStore(service.database), KnownLists()
    lists_in_force = ListsInForce(word_lists, lists)
    service.run(lists_in_force)
    taught = Taught(RuleSet(default_pack()))
    service.run(Teaching(LessonStore(service.database), taught))
    witness = _witness(own, service)
    stage = rules_stage(
        catalog,
        references=(in_force, known, lists_in_force),
        standing=known,
        taught=taught,
        performer=Performing(TraceStore(service.database), witness),
        lists=lists,
        ambiguity=own.ambiguity,
    )
    service.run(Runtime(stage, settings, client))
    flags, cases = FlagStore(service.database), CaseStore(service.database)
    room = CaseRoom(cases, flags, asking, catalog)
    service.serve(rules_routes(catalog, flags, taught, lists))
    backtests = BacktestStore(service.database)
    service.run(Runner(backtests, catalog, settings, lists))
    service.serve(backtest_routes(backtests, rule_sets))
    service.serve(trial_routes(rule_sets, trials, catalog, asking))
    service.serve(rule_set_routes(rule_sets, catalog, asking))
    service.serve(draft_routes(lists))
    service.serve(name_routes(rule_sets, catalog))
    service.serve(word_list_routes(word_lists, asking))
    service.serve(case_routes(room))
    service.serve(decision_routes(room))
    service.serve(incident_routes(IncidentStore(service.database), asking))
    service.serve(trust_routes(standing, asking))
    service.serve(log_routes(AuditStore(service.database), cases, flags))
    return service.app


def _witness(settings: RulesSettings, service: Service) -> Witness | None:
    """Return what asks a language model, started with the service; None if nobody is asked."""
    endpoint = settings.endpoint
    if endpoint is None:
        return None
    witness = Witness(endpoint, OpinionStore(service.database), settings.rules_llm_calls_per_day)
    service.run(witness)
    return witness
