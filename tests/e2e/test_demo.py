"""The demo as a newcomer runs it: everything as processes, on a real Kafka and MongoDB."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from steward.running import find
from tests.e2e.prometheus import Prometheus
from tests.e2e.up import eventually

STEWARD = Path(sys.executable).with_name("steward")


@dataclass(frozen=True)
class Watched:
    """What a run printed, and what was scraped of it between two moments."""

    output: str
    prometheus: Prometheus
    start: float
    end: float


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def watched(data: Path) -> Iterator[Watched]:
    """One run, with a Prometheus beside it."""
    started = time.time()
    with (data / "out").open("w") as out:
        demo = subprocess.Popen(
            [STEWARD, "demo", "--once", "--seconds", "30"],
            env={**os.environ, "STEWARD_DATA": str(data)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    assert eventually(lambda: find(data) is not None or demo.poll() is not None, 240)
    running = find(data)
    assert running is not None, (data / "out").read_text()
    prometheus = Prometheus(data / "prometheus", running)
    status = demo.wait(400)
    output = (data / "out").read_text()
    assert status == 0, output[-6000:]
    yield Watched(output, prometheus, started, time.time())
    prometheus.end()


@pytest.fixture(scope="module")
def output(watched: Watched) -> str:
    """What the run printed."""
    return watched.output


@pytest.fixture(scope="module")
def summary(data: Path, output: str) -> dict[str, Any]:
    """What it wrote down."""
    assert output
    written: dict[str, Any] = json.loads((data / "run" / "summary.json").read_text())
    return written


pytestmark = pytest.mark.timeout(450)


def test_nothing_is_lost_and_every_repeat_is_dropped(summary: dict[str, Any]) -> None:
    assert summary["events_sent"] > 19_000
    assert summary["events_accepted"] == summary["events_sent"]
    assert summary["events_processed"] == summary["events_accepted"]
    assert summary["lost"] == 0
    assert summary["duplicates_dropped"] == summary["events_repeated"] > 0
    assert summary["dead_letters"] == 0
    assert (summary["groups"], summary["members"]) == (12, 600)


def test_every_webhook_arrives_signed_and_is_executed(summary: dict[str, Any]) -> None:
    assert summary["deliveries_ok"] == sum(summary["actions_by_kind"].values()) > 100
    assert (summary["deliveries_failed"], summary["webhooks_refused"]) == (0, 0)


def test_the_advertiser_is_found_in_all_seven_disguises(summary: dict[str, Any]) -> None:
    campaign = summary["scenes"]["campaign"]
    assert (campaign["planted"], campaign["flagged"]) == (7, 7)


@pytest.mark.parametrize(
    "scene",
    ["red-packets", "gambling", "easy-money", "quarrel", "stranger", "flood", "crypto", "promoter"],
)
def test_the_trouble_is_found(summary: dict[str, Any], scene: str) -> None:
    assert summary["scenes"][scene]["found"]


def test_the_owners_of_groups_in_danger_are_warned(summary: dict[str, Any]) -> None:
    assert summary["alerts"]["hiking"] == ["quiet"]
    assert summary["alerts"]["coffee"] == ["few_talkers"]


def test_almost_no_innocent_event_is_acted_on(summary: dict[str, Any]) -> None:
    assert summary["false_alarms_acted_on"] <= summary["events_sent"] / 2000


def test_every_newcomer_is_welcomed(summary: dict[str, Any]) -> None:
    assert summary["newcomers_welcomed"] == summary["newcomers"] > 50


def test_it_tells_the_summary(output: str) -> None:
    for title in ("The day", "What was planted", "Innocent people", "The groups", "Who matters"):
        assert title in output


def test_an_operator_s_work_follows_so_that_no_page_of_the_console_is_empty(output: str) -> None:
    told = " ".join(output.split())
    done = re.search(r"decided (\d+) cases, put the rules demo@\w+ on trial .* (\d+) recip", told)
    assert done is not None, told[-2_000:]
    decided, recipients = map(int, done.groups())
    assert decided == 6
    assert recipients > 0
    assert told.index("troubles were found") < done.start(), "nothing of it is in the report"


def panels() -> list[tuple[str, str, str]]:
    """Return dashboard, title and expression of every panel that is shipped."""
    folder = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards"
    return [
        (path.stem, panel["title"], panel["targets"][0]["expr"])
        for path in sorted(folder.glob("*.json"))
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]
    ]


@pytest.mark.parametrize(("dashboard", "title", "expr"), panels())
def test_every_panel_shows_the_day(watched: Watched, dashboard: str, title: str, expr: str) -> None:
    values = watched.prometheus.values(expr, watched.start, watched.end)
    assert any(not math.isnan(value) for value in values), f"{dashboard}, {title}: no data"


def test_every_rule_can_be_evaluated(watched: Watched) -> None:
    rules = watched.prometheus.rules()
    assert len(rules) >= 30
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
