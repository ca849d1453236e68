"""What every test can use."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("steward", deadline=None)  # a busy machine is no failure
settings.load_profile("steward")


@pytest.fixture(autouse=True, scope="session")
def _only_test_settings() -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in list(os.environ):
        if name.startswith("STEWARD_") and not name.startswith("STEWARD_TEST_"):
            del os.environ[name]
