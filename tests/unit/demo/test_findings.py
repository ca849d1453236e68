from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from shared.events import BaseEvent
from shared.verdicts import Decision, Flag, Label, RuleHit
from steward.demo import summary, telling
from steward.demo.board import GroupState, Leader
from steward.demo.findings import because, compare
from steward.demo.story import Day
from steward.demo.telling import Figures, Told


def flag(event: BaseEvent, label: Label, decision: Decision = Decision.DELETE) -> Flag:
    hits = [RuleHit("light", label, 0.1, "a hint"), RuleHit("heavy", label, 0.7, "the reason")]
    return Flag(
        id=f"flag-{event.id}-{label}", event=event, time=event.time, labels=[label], risk=0.8,  # type: ignore[arg-type]
        decision=decision, spam=True, rule_set="default@1", hits=hits,
    )  # fmt: skip


def of_scene(day: Day, scene: str) -> list[BaseEvent]:
    return [event for event in day.events if day.culprits.get(event.id) == scene]


def innocent(day: Day) -> BaseEvent:
    return next(e for e in day.events if e.type == "message.posted" and e.id not in day.culprits)


def test_a_scene_is_found_when_one_of_its_events_has_a_fitting_label(day: Day) -> None:
    found = compare(day, [flag(of_scene(day, "gambling")[0], Label.GAMBLING)])
    by_id = {finding.scene.id: finding for finding in found.scenes}
    assert by_id["gambling"].found
    assert (by_id["gambling"].planted, by_id["gambling"].flagged) == (3, 1)
    assert len(found.missed) == len(day.scenes) - 1


def test_a_wrong_label_does_not_count_as_found(day: Day) -> None:
    found = compare(day, [flag(of_scene(day, "gambling")[0], Label.FLOOD)])
    assert "gambling" in {finding.scene.id for finding in found.missed}
    assert not found.false_alarms


def test_a_flag_on_an_innocent_event_is_a_false_alarm_once(day: Day) -> None:
    event = innocent(day)
    flags = [flag(event, Label.DUPLICATE, Decision.WATCH), flag(event, Label.FLOOD, Decision.WATCH)]
    found = compare(day, flags)
    assert [alarm.labels for alarm in found.false_alarms] == [[Label.DUPLICATE, Label.FLOOD]]
    assert not found.false_alarms[0].acted


def test_alarms_that_had_consequences_come_first(day: Day) -> None:
    one, other = [e for e in day.events if e.id in day.lookalikes][:2]
    found = compare(
        day, [flag(one, Label.FRAUD, Decision.WATCH), flag(other, Label.FRAUD, Decision.WARN)]
    )
    assert [alarm.event for alarm in found.false_alarms] == [other, one]
    assert found.lookalikes_passed == found.lookalikes - 2


def test_what_the_platform_refused_is_not_counted_as_missed(day: Day) -> None:
    refused = {event.id for event in of_scene(day, "gambling")[1:]}
    found = compare(day, [], refused)
    by_id = {finding.scene.id: finding for finding in found.scenes}
    assert by_id["gambling"].planted == 1


def test_a_flag_is_explained_by_its_heaviest_hit(day: Day) -> None:
    assert because(flag(innocent(day), Label.FRAUD)) == "the reason"


def told(day: Day, **figures: int) -> Told:
    values = {
        "events_sent": 100, "events_accepted": 100, "events_processed": 100, "events_refused": 2,
        "events_repeated": 10, "duplicates_dropped": 10, "dead_letters": 0, "flags": 3,
        "deliveries_ok": 5, "deliveries_failed": 0, "deliveries_pending": 0,
        "webhooks_refused": 0, "webhooks_repeated": 0, "groups": 12, "members": 600, "retries": 0,
        **figures,
    }  # fmt: skip
    flags = [flag(event, Label.ADVERTISING) for event in of_scene(day, "campaign")]
    return Told(
        day=day,
        figures=Figures(
            tenant="demo",
            seconds=75.0,
            flags_by_label={"advertising": 7},
            actions_by_kind={"message.delete": 5},
            delivery_mean_ms=12.0,
            **values,  # type: ignore[arg-type]
        ),
        findings=compare(day, [*flags, flag(innocent(day), Label.FLOOD)]),
        groups=(GroupState("周末徒步", 41, "quiet", "silent for 12 h"),),
        leaders=(Leader("老李", "Python 学习群", "ordinary", 1366.0),),
        alerts={"hiking": {"quiet": "已有12小时没有成员发言"}},
        welcomed=3,
        answered=2,
    )


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        ({"events_sent": 103}, "3 events were not accepted"),
        ({"events_processed": 99}, "1 accepted events were not counted"),
        ({"events_processed": 101}, "-1 accepted events were not counted"),
        ({"flags": 0}, "nothing was flagged"),
        ({"deliveries_failed": 1}, "1 webhooks were not delivered"),
        ({"deliveries_pending": 4}, "4 webhooks are still under way"),
        ({"dead_letters": 2}, "2 records failed"),
    ],
)
def test_a_run_fails_when(day: Day, figures: dict[str, int], why: str) -> None:
    assert told(day, **figures).failures == [why]


def test_a_run_in_which_all_went_well_has_no_failures(day: Day) -> None:
    assert told(day).failures == []


def test_the_summary_file_has_what_is_promised(day: Day, tmp_path: Path) -> None:
    path = tmp_path / "run" / "summary.json"
    telling.write(told(day), path)
    written = json.loads(path.read_text())
    promised = {
        "events_sent", "events_accepted", "events_processed", "flags_by_label", "actions_by_kind",
        "deliveries_ok", "deliveries_failed", "groups", "members", "duplicates_dropped", "lost",
    }  # fmt: skip
    assert promised <= set(written)
    assert written["lost"] == 0
    assert written["scenes"]["campaign"] == {
        "found": True, "planted": 7, "flagged": 7, "labels": {"advertising": 7},
    }  # fmt: skip


def test_the_printed_summary_tells_what_was_missed_and_who_was_wronged(day: Day) -> None:
    console = Console(file=StringIO(), width=100)
    summary.show(console, told(day))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "2 of 13 troubles were found" in " ".join(text.split())
    assert "Missed: " in text
    assert "Something was done about 1 of" in text
    assert "已有12小时没有成员发言" in text
    assert max(len(line) for line in text.splitlines()) <= 100
