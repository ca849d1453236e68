"""The console's connections to the services."""

from __future__ import annotations

from fastapi import FastAPI

from services.console.client import IDLE_SECONDS
from shared.settings import Settings
from shared.web.serve import server


def test_an_idle_connection_is_left_well_before_a_service_closes_it() -> None:
    served = server(FastAPI(), Settings(), port=0)
    assert served.config.timeout_keep_alive > IDLE_SECONDS * 2
