"""The scoring service, put together."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI

from services.scoring.analytics.api import analytics_routes
from services.scoring.api import score_routes
from services.scoring.digest.api import digest_routes
from services.scoring.digest.stage import digest_stage
from services.scoring.digest.store import DigestStore
from services.scoring.digest.wishes import KnownWishes
from services.scoring.profiles.api import profile_routes
from services.scoring.profiles.stage import profiles_stage
from services.scoring.profiles.store import ProfileStore
from services.scoring.segments.api import segment_routes
from services.scoring.segments.store import DefinitionStore
from services.scoring.segments.tenants import KnownTenants
from services.scoring.stage import scoring_stage
from services.scoring.store import ScoreStore
from services.scoring.talk.api import talk_routes
from services.scoring.talk.stage import talk_stage
from services.scoring.talk.store import TalkStore
from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Runtime
from shared.stream.writer import RecordWriter
from shared.web.service import Service

DESCRIPTION: Final = """Measures who matters in a group, and how the group is doing.

Scores decay, so every number is for a moment (`at`, by default now), and says
what it is made of when asked to (`explain`).
"""


def create_app(settings: Settings) -> FastAPI:
    """Return the application of the service; it starts its stage with itself."""
    client = connect(settings)
    service = Service("scoring", settings, client, title="Steward scoring", description=DESCRIPTION)
    service.run(Runtime(scoring_stage(), settings, client))
    writer = RecordWriter(settings)
    service.run(writer)
    definitions, profiles = DefinitionStore(service.database), ProfileStore(service.database)
    stage = profiles_stage(KnownTenants(definitions), profiles)
    service.run(Runtime(stage, settings, client))
    digests = DigestStore(service.database)
    service.run(Runtime(digest_stage(KnownWishes(digests), digests), settings, client))
    service.serve(digest_routes(digests))
    service.serve(profile_routes(profiles, definitions, writer))
    service.serve(segment_routes(definitions, profiles))
    service.serve(analytics_routes(profiles, definitions))
    service.run(Runtime(talk_stage(), settings, client))
    scores = ScoreStore(service.database)
    service.serve(talk_routes(TalkStore(service.database), scores))
    service.serve(score_routes(scores))
    return service.app
