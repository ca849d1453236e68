"""The ingest service, put together."""

from __future__ import annotations

from fastapi import FastAPI

from services.ingest.api import sources_router
from services.ingest.door import Door
from services.ingest.keys_api import keys_router
from services.ingest.line_stream import EventStream
from services.ingest.openapi import event_paths, event_schemas
from services.ingest.producer import Producer
from services.ingest.quotas import Quotas
from services.ingest.receive import ManyEvents, OneEvent
from services.ingest.store import Sources
from shared.mongo import connect
from shared.settings import Settings
from shared.web import Service
from shared.web.keys import ApiKeys


def create_app(settings: Settings) -> FastAPI:
    """Return the application; it connects when it is started."""
    service = Service(
        "ingest",
        settings,
        connect(settings),
        title="Steward ingest",
        description="Takes in what happens in your communities, as CloudEvents.",
    )
    producer = Producer(settings)
    sources = Sources(service.database)
    door = Door(service.authenticator, sources, producer, Quotas())
    service.run(producer)
    service.post("/v1/events", OneEvent(door))
    service.post("/v1/events:batch", ManyEvents(door))
    service.post("/v1/events:stream", EventStream(door))
    service.describe(event_paths(), event_schemas())
    service.serve(sources_router(sources))
    service.serve(keys_router(ApiKeys(service.database)))
    return service.app
