"""`make chaos`: `KILLS`, `SEED` and `PACE` from the environment; writes build/chaos.json.

The logs of every process are left in build/chaos-logs.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos.experiment import Plan, experiment

REPORT = Path("build") / "chaos.json"
LOGS = Path("build") / "chaos-logs"
MUST_BE_ZERO = (
    "lost",
    "doubled",
    "unflagged",
    "flagged_twice",
    "undelivered",
    "acted_twice",
    "told_under_two_ids",
    "forged",
    "innocents_acted_on",
)


def tell(said: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {said}", flush=True)


def main() -> int:
    asked = os.environ
    kills, seed = int(asked.get("KILLS", "20")), int(asked.get("SEED", "1"))
    plan = Plan(kills, seed, float(asked.get("PACE", "1")))
    with tempfile.TemporaryDirectory(prefix="steward-chaos-") as root:
        try:
            account = asyncio.run(experiment(Path(root), plan, tell))
        finally:
            shutil.copytree(Path(root) / "log", LOGS, dirs_exist_ok=True)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(account, indent=2) + "\n")
    print(json.dumps(account, indent=2))
    return int(any(account[name] for name in MUST_BE_ZERO))


if __name__ == "__main__":
    sys.exit(main())
