"""A condition may ask which group it is; it is told live and by `/v1/check` alike."""

from __future__ import annotations

from services.rules.check import Checker, Context
from services.rules.pack import load
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.stage import rules_stage
from shared.events import GroupId, MemberJoined
from tests.unit.rules.judging import World, event, flags, message

PACK = load(
    """\
name: own
extends: default
rules:
  - {name: quiet_room, label: flood, weight: 0.6, because: nothing but silence here,
     when: group.id.startsWith("silent-") && text.length > 0}
  - {name: closed, label: raid, weight: 0.4, on: [join], because: nobody joins here,
     when: group.id == "closed"}
""",
    "own",
)


def test_a_rule_may_be_for_some_groups() -> None:
    world = World()
    world.stage = rules_stage(OneRuleSet(PACK)).open_partition(0)
    outputs = world.see(
        message("晚上好", 1, group="silent-1"),
        message("晚上好", 2, group="loud"),
        event(MemberJoined, 3, group="closed"),
        event(MemberJoined, 4, group="open"),
    )
    assert [(flag.event.group, flag.hits[0].rule) for flag in flags(outputs)] == [
        ("silent-1", "quiet_room"),
        ("closed", "closed"),
    ]


def test_the_check_knows_the_group_it_is_told() -> None:
    checker = Checker(PACK)
    for group, rules in (("silent-7", ["quiet_room"]), ("loud", [])):
        verdict = checker.check("晚上好", Context(group=GroupId(group))).verdict
        assert [hit.rule for hit in verdict.hits] == rules
