"""What rules do about a report is done about what is reported, never to who reports it."""

from __future__ import annotations

from services.rules.documents import MEMBER_RECORDS
from services.rules.pack import load
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.stage import rules_stage
from shared.actions import ActionKind
from shared.events import ReportFiled
from shared.stream.contracts import Output
from tests.unit.rules.judging import World, actions, event, flags, message

PACK = load(
    """\
name: own
extends: default
labels: [{label: fraud, at_most: mute}]
rules:
  - {name: reported_often, label: fraud, weight: 1.0, least: mute, on: [report],
     when: window.reporters_1h >= 3, because: three members reported it}
""",
    "own",
)


def reported(**more: object) -> tuple[World, list[Output]]:
    """Return a world in which three members reported a message, and what went out."""
    world = World()
    world.stage = rules_stage(OneRuleSet(PACK)).open_partition(0)
    world.see(message("hello", 0, member="villain"))
    reports = [
        event(ReportFiled, n, **{"member": f"reporter{n}", "message": "msg-0", **more})
        for n in (1, 2, 3)
    ]
    return world, world.see(*reports)


def against(outputs: list[Output]) -> set[tuple[ActionKind, str | None]]:
    done = {ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_MUTE}
    return {(a.kind, a.member) for a in actions(outputs) if a.kind in done}


def test_the_writer_of_what_was_reported_is_acted_against() -> None:
    world, outputs = reported(author="villain")
    assert against(outputs) == {
        (ActionKind.MESSAGE_DELETE, "villain"),
        (ActionKind.MEMBER_MUTE, "villain"),
    }
    assert not any(flag.spam for flag in flags(outputs)), "the report earned what it earned"
    records = [doc for (kind, _), doc in world.documents.by_key.items() if kind is MEMBER_RECORDS]
    assert not any(record.removals for record in records if record.member.startswith("reporter"))


def test_where_the_writer_is_unknown_only_the_message_goes() -> None:
    _, outputs = reported()
    assert against(outputs) == {(ActionKind.MESSAGE_DELETE, None)}
