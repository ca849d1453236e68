"""The programs that check `deploy/`, put into the environment by `make tools`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"


def run(program: str, *arguments: str | Path) -> str:
    """Run a program that must succeed, and return what it printed.

    Skips the test where the program is not there, except in CI: there it must be.
    """
    path = Path(sys.prefix, "tools", program)
    if not path.exists() and not os.environ.get("CI"):
        pytest.skip(f"no {program}: run `make tools`")
    done = subprocess.run([path, *arguments], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
