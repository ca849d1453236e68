"""Trials: shadow never acts, a canary acts in its share only, both are compared."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.documents import FLAGS, MEMBER_RECORDS
from services.rules.pack import load
from services.rules.rule_sets.catalog import Catalog, OneRuleSet
from services.rules.rule_sets.telling import told_of_change
from services.rules.rule_sets.versions import (
    Change,
    Deployment,
    Mode,
    Published,
    Trial,
    activated,
    before,
    published,
    rule_withdrawn,
)
from services.rules.stage import rules_stage
from services.rules.trials import TRIALS, Tally, TrialVerdict, comparison, in_share, too_disputed
from shared.events import MessagePosted, Role, TenantId
from shared.stream.contracts import Output
from shared.stream.memory import MemoryDocuments, fold
from shared.verdicts import Decision
from tests.unit.rules.judging import PACK, actions, event_record, flags, message

ACME = TenantId("acme")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HARSH = """\
name: harsh
extends: default
windows:
  - {name: day, span: 12h, by: [member], of: [message]}
rules:
  - {name: any, label: advertising, weight: 1, when: text.length > 0, because: anything}
  - {name: busy, label: flood, weight: 0.4, when: window.day > 2, because: busy}
automations:
  - {name: echo, on: [message], when: 'true', do: message.reply, text: echo}
"""
TEXTS = ("加薇.信 abcd8899 领红包", "你好", "你就是个傻逼", "大家早上好", "怎么打卡")


def version(text: str) -> Published:
    return published(load(text, "p.yaml"), ACME, "", NOW, "key")


def trying(text: str, mode: Mode, share: int = 10) -> tuple[Catalog, str]:
    catalog, candidate = Catalog(PACK), version(text)
    trial = Trial(version=candidate.version, mode=mode, share=share, since=NOW, by="key")
    catalog.adopt(Deployment(tenant=ACME, trial=trial), {candidate.version: candidate})
    return catalog, candidate.version


SHIPPED = OneRuleSet(PACK)
"""Compiled once for all examples."""


def said(numbers: list[int]) -> list[MessagePosted]:
    return [
        message(
            TEXTS[n % len(TEXTS)],
            i,
            group=f"g{n % 7}",
            member=f"m{n % 3}",
            role=Role.OWNER if n % 11 == 0 else Role.MEMBER,
        )
        for i, n in enumerate(numbers)
    ]


def folded(
    catalog: Catalog | OneRuleSet, events: list[MessagePosted]
) -> tuple[list[Output], MemoryDocuments]:
    documents = MemoryDocuments()
    records = [event_record(each, offset) for offset, each in enumerate(events)]
    return fold(rules_stage(catalog).open_partition(0), records, documents), documents


def trials(documents: MemoryDocuments) -> list[TrialVerdict]:
    return [each for (kind, _), each in documents.by_key.items() if kind is TRIALS]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 1_000), max_size=25))
def test_a_shadow_never_acts(numbers: list[int]) -> None:
    catalog, candidate = trying(HARSH, Mode.SHADOW)
    outputs, documents = folded(catalog, said(numbers))
    plain, before = folded(SHIPPED, said(numbers))
    assert outputs == plain, "nothing goes out because of it"
    for kind in (FLAGS, MEMBER_RECORDS):
        assert {k: v for k, v in documents.by_key.items() if k[0] is kind} == {
            k: v for k, v in before.by_key.items() if k[0] is kind
        }
    found = trials(documents)
    of_members = {each.id for each in said(numbers) if each.role is Role.MEMBER}
    assert {each.event for each in found} >= of_members, "it saw something in everything"
    assert {each.candidate.rule_set for each in found} <= {candidate}
    assert not any(each.acted for each in found)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 1_000), max_size=25), st.integers(1, 100))
def test_a_canary_acts_in_its_share_of_the_groups_and_nowhere_else(
    numbers: list[int], share: int
) -> None:
    catalog, candidate = trying(HARSH, Mode.CANARY, share)
    outputs, documents = folded(catalog, said(numbers))
    for flag in flags(outputs):
        chosen = in_share(ACME, flag.event.group, candidate, share)
        assert (flag.rule_set == candidate) == chosen
    for each in trials(documents):
        assert each.acted == in_share(ACME, each.group, candidate, share)


def test_about_the_share_of_groups_is_chosen_and_always_the_same_ones() -> None:
    chosen = {n for n in range(10_000) if in_share("t", str(n), "v@1", 10)}
    assert 900 < len(chosen) < 1_100
    assert chosen < {n for n in range(10_000) if in_share("t", str(n), "v@1", 20)}
    assert all(in_share("t", str(n), "v@1", 100) for n in range(100))


def test_a_candidate_counts_in_windows_of_its_own() -> None:
    catalog, _ = trying(HARSH, Mode.SHADOW)
    _, documents = folded(catalog, [message("你好", n) for n in range(4)])
    rules = [each.candidate.rules for each in sorted(trials(documents), key=lambda t: t.time)]
    assert ["busy" in each for each in rules] == [False, False, True, True]


def test_a_rule_in_shadow_is_compared_and_does_not_count() -> None:
    pack = load(HARSH.replace("because: anything", "because: x, mode: shadow"), "p.yaml")
    outputs, documents = folded(OneRuleSet(pack), [message("你好")])
    assert flags(outputs) == []
    assert [action.reason for action in actions(outputs)] == ["echo"]
    (found,) = trials(documents)
    assert (found.settled.decision, found.candidate.decision) == (Decision.ALLOW, Decision.DELETE)
    assert found.version == pack.version


def test_history_is_not_compared() -> None:
    catalog, _ = trying(HARSH, Mode.SHADOW)
    _, documents = folded(catalog, [message("你好", backfill=True)])
    assert trials(documents) == []


def test_a_comparison_tells_overlap_unique_catches_and_precision() -> None:
    found = comparison(
        [
            Tally(settled=True, candidate=True, events=6, confirmed=3, overturned=1),
            Tally(settled=True, candidate=False, events=2, confirmed=0, overturned=2),
            Tally(settled=False, candidate=True, events=4),
        ]
    )
    assert (found.both, found.only_settled, found.only_candidate) == (6, 2, 4)
    assert found.overlap == 0.5
    assert (found.settled_precision, found.candidate_precision) == (0.5, 0.75)
    assert comparison([]).overlap is None


@pytest.mark.parametrize(
    ("actions", "disputed", "ends"),
    [(0, 0, False), (49, 49, False), (50, 2, False), (50, 3, True), (1_000, 50, False)],
)
def test_a_canary_ends_when_more_than_the_bound_is_disputed(
    actions: int, disputed: int, ends: bool
) -> None:
    assert too_disputed(actions, disputed, 50, 5.0) is ends


ONE = """\
name: one
extends: default
rules:
  - {name: hello, label: advertising, weight: 0.9, when: text.length > 0, because: x, mode: canary,
     share: 100}
"""


def with_canary(withdrawn: list[str]) -> tuple[Catalog, str]:
    pack = load(ONE, "p.yaml")
    catalog, plain = Catalog(PACK), Deployment(tenant=ACME, active=pack.version)
    catalog.adopt(plain, {pack.version: version(ONE)})
    assert len(flags(folded(catalog, [message("你好")])[0])) == 1
    catalog.adopt(msgspec.structs.replace(plain, withdrawn=withdrawn), {})
    return catalog, pack.version


def test_a_canary_rule_that_was_withdrawn_is_in_shadow_everywhere() -> None:
    catalog, version = with_canary(["hello"])
    outputs, documents = folded(catalog, [message("你好")])
    assert flags(outputs) == []
    (found,) = trials(documents)
    assert (found.version, found.candidate.rules, found.acted) == (version, ["hello"], False)
    assert list(catalog.canary_rules()) == []


def test_canary_rules_in_force_are_known_with_their_bounds() -> None:
    catalog, version = with_canary([])
    folded(catalog, [message("你好")])
    ((deployment, rule),) = catalog.canary_rules()
    assert (deployment.active, rule.name) == (version, "hello")
    assert (rule.least_actions, rule.most_disputed) == (50, 5.0)


def test_a_rule_is_withdrawn_once_and_until_another_version_is_in_force() -> None:
    put = Change(version="v@1", at=NOW, by="key", why="activated")
    deployment = activated(Deployment(tenant=ACME), put)
    withdrawn = rule_withdrawn(deployment, "hello", NOW, "steward")
    assert rule_withdrawn(withdrawn, "hello", NOW, "steward") == withdrawn
    assert (withdrawn.active, withdrawn.withdrawn, withdrawn.since) == ("v@1", ["hello"], NOW)
    assert withdrawn.changes[-1].rule == "hello"
    assert before(withdrawn) is None, "it is no version that a rollback leads back to"
    told = told_of_change(withdrawn)
    assert told is not None
    assert (told.what, told.detail) == ("rule.withdrawn", {"rule": "hello"})
    again = activated(withdrawn, Change(version="v@2", at=NOW, by="key", why="activated"))
    assert again.withdrawn == []
