"""How much is measured: everything, or an eighth of it for `make bench-quick`."""

from __future__ import annotations

import os
from typing import Final

QUICK: Final = bool(os.environ.get("STEWARD_BENCH_QUICK"))
SHARE: Final = 8


def sized(full: int) -> int:
    """Return a number of events or seconds: `full`, or a share of it when it must be quick."""
    return max(1, full // SHARE) if QUICK else full
