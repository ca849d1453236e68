"""The page about metrics is true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).parents[3] / "docs" / "metrics.md"


def test_the_page_tells_of_every_metric() -> None:
    # A process of its own: metrics of other tests are not the services'.
    page = subprocess.run(
        [sys.executable, "-m", "steward.metrics_page"], capture_output=True, text=True, check=True
    ).stdout
    assert FILE.read_text(encoding="utf-8") == page, (
        "run: python -m steward.metrics_page > docs/metrics.md"
    )
