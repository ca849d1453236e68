"""A short run of what `make chaos` does at length."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.__main__ import MUST_BE_ZERO
from tests.chaos.experiment import Plan, experiment

KILLS = 6


@pytest.mark.timeout(400)
async def test_kills_cuts_and_pauses_lose_and_double_nothing(tmp_path: Path) -> None:
    account = await experiment(tmp_path, Plan(KILLS, seed=7))
    assert account["events_accepted"] > 500
    assert account["lures"] > 5
    assert {name: account[name] for name in MUST_BE_ZERO} == dict.fromkeys(MUST_BE_ZERO, 0), account
