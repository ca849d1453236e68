from __future__ import annotations

import pytest

from shared.events import Millis, TenantId
from steward.demo.story import Day, sample_day

END = Millis(1_790_000_000_000)


@pytest.fixture(scope="session")
def day() -> Day:
    """The sample day that ends at `END`; not to be changed."""
    return sample_day(END, TenantId("demo"))
