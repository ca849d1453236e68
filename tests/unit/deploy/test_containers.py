"""The container image is built by the book."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.unit.deploy.programs import ROOT


def test_the_dockerfile_has_no_fault() -> None:
    linter = Path(sys.prefix, "bin", "hadolint")
    done = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
