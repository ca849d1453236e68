"""Prometheus' rules: valid, firing when they should, and of metrics that are there."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from steward.metrics_page import names
from tests.unit.deploy.programs import DEPLOY, ROOT, run

FOLDER = DEPLOY / "prometheus"


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "rules" / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "rules" / "recording.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]] + alerts()


def test_the_configuration_and_its_rules_are_valid() -> None:
    assert "SUCCESS" in run("promtool", "check", "config", FOLDER / "prometheus.yml")


def test_alerts_fire_when_they_should_and_only_then() -> None:
    assert "SUCCESS" in run("promtool", "test", "rules", FOLDER / "rules_test.yml")


def test_every_alert_is_tested() -> None:
    tested = (FOLDER / "rules_test.yml").read_text()
    assert [alert["alert"] for alert in alerts() if alert["alert"] not in tested] == []


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_every_alert_has_its_runbook(alert: dict[str, Any]) -> None:
    page, anchor = alert["annotations"]["runbook"].split("#")
    assert anchor == alert["alert"].lower()
    assert f"### {alert['alert']}\n" in (ROOT / page).read_text(encoding="utf-8")


def test_rules_speak_only_of_metrics_that_the_services_have() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    known = set(names()) | recorded
    for rule in rules():
        asked = set(re.findall(r"\bsteward[_:][a-z0-9_:]+", rule["expr"]))
        assert asked <= known, asked - known
