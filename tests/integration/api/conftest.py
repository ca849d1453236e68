from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from steward.migrate import migrate
from steward.stack import Addresses
from tests.integration.api.installation import Installation, installed
from tests.integration.conftest import remove, settings_for


@pytest.fixture(scope="module")
def installation(stack: Addresses) -> Iterator[Installation]:
    """The four services, running."""
    settings = settings_for(stack, log_level="ERROR")
    asyncio.run(migrate(settings))
    with installed(settings) as running:
        yield running
    asyncio.run(remove(settings))
