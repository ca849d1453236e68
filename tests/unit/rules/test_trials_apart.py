"""What is on trial changes nothing of what is in force, and cannot hide what is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.rules.pack import load
from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.versions import (
    ENDED,
    Change,
    Deployment,
    Mode,
    Published,
    Trial,
    activated,
    before,
    published,
    put_on_trial,
    trial_ended,
)
from services.rules.stage import rules_stage
from services.rules.trials import TRIALS, TrialVerdict
from shared.events import TenantId
from shared.stream.contracts import Output
from shared.stream.memory import MemoryDocuments, fold
from tests.unit.rules.judging import PACK, event_record, flags, message

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ACME = TenantId("acme")


def version(source: str) -> Published:
    return published(load(source, "own"), ACME, "", NOW, "k")


def counting(price: str, name: str) -> Published:
    return version(
        f"name: {name}\nextends: default\n"
        f"patterns: [{{name: price, matches: '{price}'}}]\n"
        "windows: [{name: prices, span: 10m, by: [member], of: [message], when: pattern.price}]\n"
        "rules: [{name: many, label: advertising, weight: 1.0, because: b,"
        " when: 'pattern.price && window.prices >= 3'}]\n"
    )


def folded(deployment: Deployment, *versions: Published) -> tuple[list[Output], MemoryDocuments]:
    catalog, documents = Catalog(PACK), MemoryDocuments()
    catalog.adopt(deployment, {each.version: each for each in versions})
    stage = rules_stage(catalog).open_partition(0)
    said = ["大家早上好呀", "大家都来了吗", "大家晚安好梦", "看看价格多少"]
    records = [event_record(message(text, n), n) for n, text in enumerate(said)]
    return fold(stage, records, documents), documents


def test_what_only_a_shadow_s_pattern_matches_is_counted_for_the_shadow_alone() -> None:
    active, candidate = counting("价格", "acme"), counting("价格|大家", "wider")
    trial = Trial(version=candidate.version, mode=Mode.SHADOW, since=NOW, by="k")
    deployment = Deployment(tenant=ACME, active=active.version, trial=trial)
    outputs, documents = folded(deployment, active, candidate)
    assert flags(outputs) == []
    tried = [d for (kind, _), d in documents.by_key.items() if kind is TRIALS]
    assert any("many" in each.candidate.rules for each in tried)


@pytest.mark.parametrize("mode", ["shadow", "canary"])
def test_a_rule_in_shadow_does_not_hide_what_its_version_did(mode: str) -> None:
    candidate = version(
        "name: cand\nextends: default\nrules:\n"
        "  - {name: any, label: advertising, weight: 1, when: text.length > 0, because: b}\n"
        "  - {name: quiet, label: advertising, weight: 0.01, when: text.length > 0, because: b,"
        f" mode: {mode}, share: 0}}\n"
    )
    trial = Trial(version=candidate.version, mode=Mode.CANARY, share=100, since=NOW, by="k")
    _, documents = folded(Deployment(tenant=ACME, trial=trial), candidate)
    tried: list[TrialVerdict] = [d for (k, _), d in documents.by_key.items() if k is TRIALS]
    assert len(tried) == 4
    assert all(each.acted for each in tried)


def test_trials_do_not_make_a_rollback_forget_what_was_in_force() -> None:
    deployment = Deployment(tenant=ACME)
    for name in ("a@1", "b@1"):
        change = Change(version=name, at=NOW, by="k", why="activated")
        deployment = activated(deployment, change)
    for _ in range(60):
        trial = Trial(version="c@1", mode=Mode.SHADOW, since=NOW, by="k")
        deployment = trial_ended(put_on_trial(deployment, trial), NOW, "k", ENDED)
    assert (before(deployment), deployment.since) == ("a@1", NOW)
    assert len(deployment.changes) == 50
