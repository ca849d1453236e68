"""Connections for tests of the runtime."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.mongo import Client, Database, connect
from shared.settings import Settings


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    async with connect(settings) as client:
        yield client


@pytest.fixture
def database(settings: Settings, client: Client) -> Database:
    return client[settings.database]
