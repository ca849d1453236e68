"""A real Prometheus that scrapes a running Steward."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from steward.running import Running
from steward.stack.ports import LOOPBACK, free_ports
from tests.e2e.up import eventually

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules"


class Prometheus:
    """Scrapes every replica once a second, with Steward's own rules, until it is ended."""

    def __init__(self, directory: Path, running: Running) -> None:
        self.url = f"http://{LOOPBACK}:{free_ports(1)[0]}"
        binary = Path(sys.prefix, "tools", "prometheus")
        if not binary.exists() and not os.environ.get("CI"):
            pytest.skip("no prometheus: run `make tools`")
        directory.mkdir()
        (directory / "prometheus.yml").write_text(_configuration(running))
        self._log = (directory / "log").open("wb")
        self._process = subprocess.Popen(
            [
                binary,
                f"--config.file={directory / 'prometheus.yml'}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address={self.url.removeprefix('http://')}",
            ],
            stdout=self._log,
            stderr=self._log,
        )
        assert eventually(self._ready, 90)

    def values(self, expr: str, start: float, end: float) -> list[float]:
        """Return every sample of an expression's series, a second apart."""
        asked = {"query": expr, "start": start, "end": end, "step": 1}
        answer = self._get("/api/v1/query_range", asked)
        series = answer["data"]["result"]
        return [float(value) for one in series for _, value in one["values"]]

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules with their health."""
        groups = self._get("/api/v1/rules", {})["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(90)
        self._log.close()

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready") as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _get(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}{path}?{urllib.parse.urlencode(asked)}") as answer:
            read: dict[str, Any] = json.load(answer)
        return read


def _configuration(running: Running) -> str:
    targets = defaultdict(list)
    for service in running.services:
        targets[service.name].append(urlsplit(service.url).netloc)
    return yaml.safe_dump(
        {
            "global": {"scrape_interval": "1s", "evaluation_interval": "2s"},
            "rule_files": [str(RULES / "*.yml")],
            "scrape_configs": [
                {"job_name": name, "static_configs": [{"targets": found}]}
                for name, found in targets.items()
            ],
        }
    )
