"""A text judged by request, as a message in a group would be."""

from __future__ import annotations

from typing import Final

import pytest

from services.rules.check import Checker, Context, check
from services.rules.pack import load
from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.versions import Deployment, published
from services.rules.rules import RuleSet
from services.rules.stage import rules_stage
from services.rules.trials import in_share
from services.rules.vocabulary import Subject
from shared.events import GroupId, TenantId
from shared.stream.memory import MemoryDocuments, fold
from shared.verdicts import Decision, RuleHit
from tests.unit.rules.judging import PACK, event_record, flags, message
from tests.unit.rules.test_rule_sets import NOW

ACME: Final = TenantId("acme")
TEXT: Final = "新鲜榴莲 300元"
RULES: Final = """\
name: acme
extends: default
rules:
  - {name: durian, label: advertising, weight: 0.5, when: text.money > 0, because: sells durians}
  - {name: tried, label: advertising, weight: 0.3, when: text.money > 0, because: on trial,
     mode: canary, share: 50}
  - {name: everywhere, label: advertising, weight: 0.01, when: text.money > 0, because: on trial,
     mode: canary, share: 100}
overrides:
  - {groups: [market-*], disable: [durian]}
  - {groups: [soft, softer], weights: {durian: 0.1}, thresholds: {watch: 0.05, warn: 1, delete: 1}}
"""
WITH: Final = next(f"g{n}" for n in range(99) if in_share(ACME, f"g{n}", "tried", 50))
WITHOUT: Final = next(f"g{n}" for n in range(99) if not in_share(ACME, f"g{n}", "tried", 50))
GROUPS: Final = [WITH, WITHOUT, "market-7", "soft", "softer", "market"]


def weighed(hits: list[RuleHit]) -> dict[str, float]:
    return {hit.rule: hit.weight for hit in hits}


@pytest.mark.parametrize("group", GROUPS)
def test_a_text_in_a_group_is_judged_as_a_message_there(group: str) -> None:
    catalog = Catalog(PACK)
    version = published(load(RULES, "p.yaml"), ACME, "", NOW, "key")
    catalog.adopt(Deployment(tenant=ACME, active=version.version), {version.version: version})
    said = event_record(message(TEXT, group=group))
    live = flags(fold(rules_stage(catalog).open_partition(0), [said], MemoryDocuments()))
    context = Context(tenant=ACME, group=GroupId(group))
    found = check(catalog.of(ACME), TEXT, context).verdict
    assert found.noteworthy == bool(live)
    for flag in live:
        assert (found.risk, found.decision, found.labels) == (flag.risk, flag.decision, flag.labels)
        assert (found.hits, found.rule_set) == (flag.hits, flag.rule_set)


@pytest.mark.parametrize(
    ("group", "override"),
    [
        ("market-7", ["market-*"]),
        ("soft", ["soft", "softer"]),
        ("market", None),
        ("", None),
    ],
)
def test_it_says_which_override_counted(group: str, override: list[str] | None) -> None:
    checked = check(RuleSet(load(RULES, "p.yaml")), TEXT, Context(group=GroupId(group)))
    assert checked.override == override


def test_canaries_act_where_a_message_would_meet_them() -> None:
    rules = RuleSet(load(RULES, "p.yaml"))
    within = check(rules, TEXT, Context(tenant=ACME, group=GroupId(WITH)))
    beside = check(rules, TEXT, Context(tenant=ACME, group=GroupId(WITHOUT)))
    nowhere = check(rules, TEXT, Context(tenant=ACME))
    assert within.canaries == ["everywhere", "tried"]
    assert "tried" in weighed(within.verdict.hits)
    assert beside.canaries == nowhere.canaries == ["everywhere"]
    assert "tried" not in weighed(beside.verdict.hits) | weighed(nowhere.verdict.hits)


def test_an_override_for_all_groups_counts_without_a_group_too() -> None:
    source = RULES.replace("[market-*]", '["*"]')
    assert check(RuleSet(load(source, "p.yaml")), TEXT, Context()).override == ["*"]


def test_what_is_known_of_the_writer_is_taken_from_the_request() -> None:
    source = """\
name: own
extends: default
rules:
  - {name: new, label: advertising, weight: 0.5, because: new,
     when: member.joined && member.age < 60 && text.money > 0}
"""
    rules = RuleSet(load(source, "p.yaml"))
    for age, fired in ((None, False), (0, True), (59, True), (60, False)):
        hits = check(rules, TEXT, Context(age=age)).verdict.hits
        assert ("new" in weighed(hits)) == fired
    lure = "加薇.信 abcd8899 领红包"
    first = check(rules, lure, Context()).verdict.decision
    again = check(rules, lure, Context(removals=5)).verdict.decision
    assert first is Decision.DELETE
    assert again in (Decision.MUTE, Decision.KICK, Decision.BAN)


@pytest.mark.parametrize("invited", [False, True])
def test_a_joiner_s_invitation_counts(invited: bool) -> None:
    source = """\
name: own
extends: default
rules:
  - {name: invited, label: advertising, weight: 0.5, on: [join], when: event.invited, because: so}
"""
    rules = RuleSet(load(source, "p.yaml"))
    context = Context(about=Subject.JOIN, invited=invited)
    assert ("invited" in weighed(check(rules, "小明", context).verdict.hits)) == invited


def test_a_new_name_is_judged_as_one_and_not_as_a_joiner_s() -> None:
    source = """\
name: names
extends: default
rules:
  - {name: renamed, label: advertising, weight: 1, on: [rename], when: text.length > 0, because: b}
  - {name: joined, label: advertising, weight: 1, on: [join], when: text.length > 0, because: b}
"""
    checker = Checker(load(source, "names"))
    for about, rule in ((Subject.RENAME, "renamed"), (Subject.JOIN, "joined")):
        hits = checker.check("阿明", Context(about=about)).verdict.hits
        assert [hit.rule for hit in hits] == [rule]
