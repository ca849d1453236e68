"""The rules service, put together."""

from __future__ import annotations

from fastapi import FastAPI

from services.rules.api import rules_routes
from services.rules.check import Checker
from services.rules.pack import default_pack
from services.rules.stage import rules_stage
from services.rules.store import FlagStore
from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Runtime
from shared.web.service import Service


def create_app(settings: Settings) -> FastAPI:
    """Return the application of the service; it starts its stage with itself."""
    client = connect(settings)
    service = Service(
        "rules",
        settings,
        client,
        title="Steward rules",
        description="Finds spam, fraud, abuse and disorder, and explains what it found.",
    )
    pack = default_pack()
    service.run(Runtime(rules_stage(pack), settings, client))
    service.serve(rules_routes(Checker(pack), FlagStore(service.database)))
    return service.app
