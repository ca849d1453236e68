"""Rule sets of tenants: extending the shipped one, put in force, few compiled at a time."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.check import Checker
from services.rules.observation import observe
from services.rules.pack import PackError, load
from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.versions import (
    Change,
    Deployment,
    Published,
    activated,
    before,
    published,
)
from services.rules.rules import ConditionPool, RuleSet
from services.rules.stage import rules_stage
from shared.events import TenantId
from shared.stream.memory import MemoryDocuments, fold
from shared.verdicts import Decision
from tests.unit.rules.judging import PACK, event_record, flags, message

ACME = TenantId("acme")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LURE = "加薇.信 abcd8899 领红包"
OWN = """\
name: acme
extends: default
weights: {grave_insult: 0.2}
disable: [welcome]
rules:
  - name: durian
    label: advertising
    weight: 0.8
    when: is.long && text.money > 0
    because: durian
conditions:
  - {name: long, when: text.length >= 5}
overrides:
  - {groups: [market-*], disable: [durian]}
  - {groups: [soft], weights: {durian: 0.4}, thresholds: {watch: 0.1, warn: 0.9, delete: 0.95}}
"""


def version(text: str, tenant: TenantId = ACME) -> Published:
    return published(load(text, "p.yaml"), tenant, "", NOW, "key")


def deployed(catalog: Catalog, *texts: str, tenant: TenantId = ACME) -> list[Published]:
    versions = [version(text, tenant) for text in texts]
    deployment = Deployment(tenant=tenant, active=versions[-1].version)
    catalog.adopt(deployment, {each.version: each for each in versions})
    return versions


def test_an_extension_says_only_what_is_different() -> None:
    pack = load(OWN, "p.yaml")
    assert pack.version.startswith("acme@")
    assert [rule.name for rule, _ in pack.rules[:-1]] == [rule.name for rule, _ in PACK.rules]
    assert {rule.name: rule.weight for rule, _ in pack.rules}["grave_insult"] == 0.2
    assert "welcome" not in {each.name for each, _ in pack.automations}
    verdict = Checker(pack).check("新鲜榴莲 300元").verdict
    assert ("durian", 0.8) in {(hit.rule, hit.weight) for hit in verdict.hits}
    assert verdict.rule_set == pack.version


@pytest.mark.parametrize(
    ("group", "weight", "decision"),
    [("plain", 0.8, Decision.DELETE), ("soft", 0.4, Decision.WATCH), ("market-3", None, None)],
)
def test_a_group_may_differ(group: str, weight: float | None, decision: Decision | None) -> None:
    catalog = Catalog(PACK)
    deployed(catalog, OWN)
    stage = rules_stage(catalog).open_partition(0)
    said = event_record(message("新鲜榴莲 300元", group=group))
    found = flags(fold(stage, [said], MemoryDocuments()))
    assert [flag.decision for flag in found] == ([decision] if decision else [])
    hits = [hit for flag in found for hit in flag.hits if hit.rule == "durian"]
    assert [hit.weight for hit in hits] == ([weight] if weight else [])
    before = [hit.values["weight.before"] for hit in hits if "weight.before" in hit.values]
    assert before == ([0.8] if group == "soft" else [])


@pytest.mark.parametrize(
    ("before", "after", "line", "column", "message"),
    [
        ("disable: [welcome]", "disable: [welcom]", 4, 11, "there is no rule `welcom`"),
        ("grave_insult", "grave", 3, 18, "there is no rule `grave`"),
        ("disable: [durian]", "disable: [duran]", 14, 36, "there is no rule `duran`"),
        ("is.long", "is.lang", 9, 11, "there is no `is.lang`"),
        ("text.length >= 5", "is.long", 12, 24, "leads back to itself"),
        ("extends: default", "extends: nothing", 2, 10, "Invalid enum value"),
    ],
)
def test_an_error_in_an_extension_points_at_its_place(
    before: str, after: str, line: int, column: int, message: str
) -> None:
    assert before in OWN
    with pytest.raises(PackError) as raised:
        load(OWN.replace(before, after, 1), "p.yaml")
    errors = [raised.value, *raised.value.others]
    assert (line, column) in {(error.line, error.column) for error in errors}
    assert any(message in error.message for error in errors)


def test_all_conditions_that_are_wrong_are_told_at_once() -> None:
    text = OWN.replace("is.long", "is.lang").replace("text.length >= 5", "text.length")
    with pytest.raises(PackError) as raised:
        load(text, "p.yaml")
    assert {error.line for error in (raised.value, *raised.value.others)} == {9, 12}


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (
            "[{name: a, when: is.b}, {name: b, when: is.ab}, {name: ab, when: is.a}]",
            "leads back",
        ),
        (
            "["
            + ", ".join(
                f"{{name: c{n}, when: '{' || '.join([f'is.c{n - 1}'] * 9)}'}}" for n in range(1, 9)
            )
            + ", {name: c0, when: text.length > 1}]",
            "written out is too long",
        ),
        ("[{name: a, when: 'text.length * text.length * text.length > 1'}]", "may fail"),
        ("[{name: a, when: '[1].all(x, x > 0)'}]", "there is no `all`"),
        ("&a [*a]", "aliases are not allowed"),
    ],
    ids=["loop", "explosion", "overflow", "comprehension", "endless-yaml"],
)
def test_what_loops_or_explodes_is_refused(conditions: str, message: str) -> None:
    with pytest.raises(PackError, match=message):
        load(f"name: x\nextends: default\nconditions: {conditions}\n", "p.yaml")


def test_a_pack_whose_conditions_cost_too_much_is_refused() -> None:
    long = " && ".join(["text.length > 1"] * 50)
    rules = "".join(
        f"  - {{name: r{n}, label: porn, weight: 1, when: '{long}', because: x}}\n"
        for n in range(250)
    )
    with pytest.raises(PackError, match="costs too much"):
        load(f"name: x\nextends: default\nrules:\n{rules}", "p.yaml")


def test_a_published_version_comes_back_as_it_was() -> None:
    kept = version(OWN)
    again, once = kept.pack(), load(OWN, "p.yaml")
    assert (again.version, again.source) == (once.version, once.source)
    text = "新鲜榴莲 300元 微信 abc12345"
    assert Checker(again).check(text) == Checker(once).check(text)


def test_a_tenant_is_judged_by_its_own_rule_set_and_others_by_the_shipped_one() -> None:
    catalog = Catalog(PACK)
    (own,) = deployed(catalog, OWN)
    stage = rules_stage(catalog).open_partition(0)
    events = [message(LURE, n, tenant=tenant) for n, tenant in enumerate(("acme", "other"))]
    outputs = fold(stage, [event_record(each) for each in events], MemoryDocuments())
    assert [flag.rule_set for flag in flags(outputs)] == [own.version, PACK.version]


def test_a_change_is_in_force_from_the_next_record_on() -> None:
    catalog = Catalog(PACK)
    stage = rules_stage(catalog).open_partition(0)
    versions = []
    for n, text in enumerate((OWN, OWN.replace("0.8", "0.7"))):
        (own,) = deployed(catalog, text)
        said = event_record(message("新鲜榴莲 300元", n))
        versions += [
            (flag.rule_set, own.version) for flag in flags(fold(stage, [said], MemoryDocuments()))
        ]
    assert len(versions) == 2
    assert all(judged == own for judged, own in versions)
    catalog.adopt(Deployment(tenant=ACME), {})
    assert catalog.of(ACME).pack is PACK
    assert len(catalog) == 0


def test_few_rule_sets_are_compiled_at_a_time() -> None:
    catalog = Catalog(PACK, most_compiled=3)
    kept = [deployed(catalog, OWN, tenant=TenantId(f"t{n}"))[0] for n in range(8)]
    for _ in range(2):
        for n in range(8):
            assert catalog.of(f"t{n}").pack.version == kept[n].version
            assert len(catalog) <= 3


def test_a_version_that_this_release_cannot_use_gives_way_to_the_shipped_one() -> None:
    catalog = Catalog(PACK)
    kept = version(OWN)
    source = kept.source
    old = msgspec.structs.replace(source.rules[0], name="old", when="text.vanished > 0")
    whole = msgspec.structs.replace(source, rules=[*source.rules, old])
    broken = msgspec.structs.replace(kept, whole=zlib.compress(msgspec.json.encode(whole)))
    deployment = Deployment(tenant=ACME, active=broken.version)
    catalog.adopt(deployment, {broken.version: broken})
    assert catalog.of(ACME).pack is PACK


@given(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=8))
def test_a_rollback_leads_to_what_was_in_force_before(versions: list[str | None]) -> None:
    deployment = Deployment(tenant=ACME)
    was: list[str | None] = [None]
    for n, name in enumerate(versions):
        if name != deployment.active:
            change = Change(version=name, at=NOW + timedelta(n), by="key", why="test")
            deployment = activated(deployment, change)
            was.append(name)
    assert before(deployment) == (was[-2] if len(was) > 1 else None)


def test_sets_that_differ_in_weights_alone_share_what_was_compiled() -> None:
    pool = ConditionPool()
    texts = [f"name: x\nextends: default\nweights: {{insult: 0.{n}}}\n" for n in (1, 2)]
    sets = [RuleSet(load(text, "p.yaml"), pool) for text in texts]
    seen = observe(message("你个废物"))
    weights = [
        [hit.weight for hit in each.explained(seen, {}).hits if hit.rule == "insult"]
        for each in sets
    ]
    assert weights == [[0.1], [0.2]]
    first, second = (pool.of([c for _, c in each.pack.rules], each.pack.defaults) for each in sets)
    assert first is second
