"""The ingest service, put together."""

from __future__ import annotations

from fastapi import FastAPI

from services.ingest.api import sources_router
from services.ingest.archive.api import archive_router
from services.ingest.archive.retentions import KnownRetentions
from services.ingest.archive.store import ArchiveStore
from services.ingest.door import Door
from services.ingest.handshake_api import handshake_router
from services.ingest.hooks import hooks_router
from services.ingest.key_log.store import KeyLogStore
from services.ingest.key_log.telling import KeyAudit
from services.ingest.keys_api import keys_router
from services.ingest.line_stream import EventStream
from services.ingest.openapi import event_paths, event_schemas
from services.ingest.producer import Producer
from services.ingest.quotas import Quotas
from services.ingest.receive import ManyEvents, OneEvent
from services.ingest.schemas_api import schemas_router
from services.ingest.stage import archive_stage
from services.ingest.store import Sources
from services.ingest.whole import WholeEvent
from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Runtime
from shared.stream.writer import RecordWriter
from shared.web import Service
from shared.web.health import Background
from shared.web.keys import ApiKeys


def create_app(settings: Settings) -> FastAPI:
    """Return the application; it connects when it is started."""
    client = connect(settings)
    service = Service(
        "ingest",
        settings,
        client,
        title="Steward ingest",
        description="Takes in what happens in your communities, as CloudEvents.",
        unbounded=("/v1/hooks/",),
    )
    producer = Producer(settings)
    sources = Sources(service.database)
    door = Door(service.authenticator, sources, producer, Quotas())
    archive = ArchiveStore(service.database)
    stage = archive_stage(KnownRetentions(archive), archive)
    service.run(producer)
    service.run(Background(Runtime(stage, settings, client)))
    writer = RecordWriter(settings)
    service.run(writer)
    service.run(KeyAudit(KeyLogStore(service.database), writer))
    service.post("/v1/events", OneEvent(door))
    service.wire("/v1/events", WholeEvent(door))
    service.post("/v1/events:batch", ManyEvents(door))
    service.post("/v1/events:stream", EventStream(door))
    service.describe(event_paths(), event_schemas())
    service.serve(sources_router(sources))
    service.serve(handshake_router(sources))
    service.serve(schemas_router())
    service.serve(hooks_router(door, sources))
    service.serve(keys_router(ApiKeys(service.database)))
    service.serve(archive_router(archive))
    return service.app
