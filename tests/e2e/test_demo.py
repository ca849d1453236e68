"""The demo as a newcomer runs it: everything as processes, on a real Kafka and MongoDB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

STEWARD = Path(sys.executable).with_name("steward")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def output(data: Path) -> str:
    """What one run prints."""
    done = subprocess.run(
        [STEWARD, "demo", "--once", "--seconds", "30"],
        env={**os.environ, "STEWARD_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


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
