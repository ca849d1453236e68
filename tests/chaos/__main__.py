"""`make chaos`: `KILLS` and `SEED` from the environment; writes build/chaos.json."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.chaos.experiment import experiment

REPORT = Path("build") / "chaos.json"
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


def main() -> int:
    kills, seed = int(os.environ.get("KILLS", "20")), int(os.environ.get("SEED", "1"))
    with tempfile.TemporaryDirectory(prefix="steward-chaos-") as root:
        account = asyncio.run(experiment(Path(root), kills, seed))
    account |= {"seed": seed}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(account, indent=2) + "\n")
    print(json.dumps(account, indent=2))
    return int(any(account[name] for name in MUST_BE_ZERO))


if __name__ == "__main__":
    sys.exit(main())
