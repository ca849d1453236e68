"""The dashboards are what the code builds, and ask only for metrics that the services have."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.unit.deploy.programs import DEPLOY, ROOT

FOLDER = DEPLOY / "grafana" / "dashboards"
NAMES = ("overview", "moderation", "engagement", "delivery", "runtime")


def test_the_files_are_what_the_code_builds(tmp_path: Path) -> None:
    copy = tmp_path / "build.py"
    copy.write_text((DEPLOY / "grafana" / "build.py").read_text(encoding="utf-8"))
    subprocess.run([sys.executable, copy], check=True)
    built = {path.name: path.read_text() for path in (tmp_path / "dashboards").glob("*.json")}
    kept = {path.name: path.read_text() for path in FOLDER.glob("*.json")}
    assert built == kept, "run: python deploy/grafana/build.py"
    assert set(kept) == {f"{name}.json" for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_dashboards_ask_for_metrics_that_the_page_lists(name: str) -> None:
    listed = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    panels = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["panels"]
    for panel in panels:
        for metric in re.findall(r"steward_[a-z_]+", panel["targets"][0]["expr"]):
            assert f"`{re.sub('_(bucket|count|sum)$', '', metric)}`" in listed, metric


def test_every_panel_asks_the_source_that_is_provisioned() -> None:
    source = yaml.safe_load(
        (DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text()
    )
    (uid,) = [one["uid"] for one in source["datasources"]]
    for name in NAMES:
        for panel in json.loads((FOLDER / f"{name}.json").read_text())["panels"]:
            assert panel["datasource"]["uid"] == uid
