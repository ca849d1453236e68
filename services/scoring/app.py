"""The scoring service, put together."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI

from services.scoring.activity_api import activity_routes
from services.scoring.advice.api import advice_routes
from services.scoring.analytics.api import analytics_routes
from services.scoring.api import score_routes
from services.scoring.digest.api import digest_routes
from services.scoring.digest.stage import digest_stage
from services.scoring.digest.store import DigestStore
from services.scoring.digest.wishes import KnownWishes
from services.scoring.erasure.api import Known, erasure_routes
from services.scoring.erasure.store import ErasureStore
from services.scoring.history_api import history_routes
from services.scoring.members_api import member_routes
from services.scoring.points.api import points_routes
from services.scoring.points.in_force import TermsInForce
from services.scoring.points.stage import points_stage
from services.scoring.points.store import PointsStore, TermsStore
from services.scoring.points.suggestions_api import suggestion_routes
from services.scoring.profiles.api import profile_routes
from services.scoring.profiles.stage import profiles_stage
from services.scoring.profiles.store import ProfileStore
from services.scoring.segments.api import Definer, segment_routes
from services.scoring.segments.settings_api import settings_routes
from services.scoring.segments.store import DefinitionStore
from services.scoring.segments.tenants import KnownTenants
from services.scoring.stage import scoring_stage
from services.scoring.store import ScoreStore
from services.scoring.talk.api import talk_routes
from services.scoring.talk.stage import talk_stage
from services.scoring.talk.store import TalkStore
from shared.mongo import Client, connect
from shared.settings import Settings
from shared.stream import Runtime
from shared.stream.writer import RecordWriter
from shared.web.service import Service

DESCRIPTION: Final = """Measures who matters in a group, and how the group is doing.

Scores decay, so every number is for a moment (`at`, by default now), and says
what it is made of when asked to (`explain`).
"""


def create_app(settings: Settings) -> FastAPI:
    """Return the application of the service; it starts its stages with itself."""
    client = connect(settings)
    service = Service("scoring", settings, client, title="Steward scoring", description=DESCRIPTION)
    scores = ScoreStore(service.database)
    definitions = DefinitionStore(service.database, settings.time_zone, settings.partitions)
    service.run(Runtime(scoring_stage(KnownTenants(definitions)), settings, client))
    service.run(Runtime(talk_stage(), settings, client))
    profiles = ProfileStore(service.database)
    _serve_customers(service, settings, client, profiles)
    talk = TalkStore(service.database)
    service.serve(talk_routes(talk, scores, definitions))
    service.serve(advice_routes(profiles, scores, talk, Definer(definitions)))
    service.serve(activity_routes(scores))
    service.serve(history_routes(scores, definitions))
    service.serve(member_routes(scores, PointsStore(service.database), definitions))
    service.serve(score_routes(scores, definitions))
    return service.app


def _serve_customers(
    service: Service, settings: Settings, client: Client, profiles: ProfileStore
) -> None:
    """Add what looks at members as customers: segments, digests, points, erasure."""
    writer = RecordWriter(settings)
    definitions = DefinitionStore(service.database, settings.time_zone, settings.partitions)
    scores = ScoreStore(service.database)
    digests, erasures = DigestStore(service.database), ErasureStore(service.database)
    points, terms = PointsStore(service.database), TermsStore(service.database)
    service.run(writer)
    for stage in (
        profiles_stage(KnownTenants(definitions), profiles),
        digest_stage(KnownWishes(digests), KnownTenants(definitions), digests),
        points_stage(TermsInForce(terms), KnownTenants(definitions), points),
    ):
        service.run(Runtime(stage, settings, client))
    known = Known(profiles=profiles, scores=scores, digests=digests, points=points)
    service.serve(digest_routes(digests, definitions))
    service.serve(settings_routes(definitions))
    service.serve(profile_routes(profiles, definitions, writer))
    service.serve(segment_routes(definitions, profiles))
    service.serve(analytics_routes(profiles, definitions))
    service.serve(erasure_routes(known, erasures, definitions, writer))
    service.serve(points_routes(scores, points, terms, definitions, writer))
    service.serve(suggestion_routes(scores, points, terms))
