"""The notify service, put together."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import FastAPI

from services.notify.backlog import Backlog
from services.notify.campaigns.api import campaign_routes
from services.notify.campaigns.personas_api import persona_routes
from services.notify.campaigns.previews import Previews
from services.notify.campaigns.relays_api import relay_routes
from services.notify.campaigns.stage import KINDS as CAMPAIGN_KINDS
from services.notify.campaigns.stage import TOPICS as CAMPAIGN_TOPICS
from services.notify.campaigns.stage import CampaignsPartition
from services.notify.campaigns.store import (
    AudienceStore,
    CampaignStore,
    PersonaStore,
    RelayStore,
)
from services.notify.care_api import care_routes
from services.notify.deliveries import webhook_id
from services.notify.deliveries_api import delivery_routes
from services.notify.directory import Directory
from services.notify.draining import Drain
from services.notify.endpoints_api import endpoint_routes
from services.notify.erasure.store import TraceStore
from services.notify.exchange import Exchange
from services.notify.matching import receivers
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from services.notify.stage import KINDS, NotifyPartition
from services.notify.statistics.store import StatisticsStore
from services.notify.store import DeliveryStore, EndpointStore
from services.notify.terms import Terms
from services.notify.verifying import Verifier
from shared.actions import Action
from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Clock, Runtime, Stage
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.service import Service

CAMPAIGNS_GATHER: Final = timedelta(milliseconds=50)
"""How long campaigns let records wait: nobody waits for a campaign as for a moderation."""
DESCRIPTION: Final = """Delivers actions to the endpoints that ask for them, as signed webhooks.

Create an endpoint, keep its secret, verify what arrives, answer with a 2xx
status. What is not accepted is tried again, from 5 seconds to 10 hours later.
"""


def create_app(settings: Settings) -> FastAPI:
    """Return the application of the service; it starts its stage with itself."""
    own = NotifySettings.extending(settings)
    client = connect(own)
    service = Service("notify", own, client, title="Steward notify", description=DESCRIPTION)
    endpoints, deliveries = EndpointStore(service.database), DeliveryStore(service.database)
    statistics = StatisticsStore(service.database)
    traces = TraceStore(service.database, AudienceStore(service.database))
    directory, writer = Directory(endpoints), RecordWriter(own)
    exchange = Exchange(own.guard, proxy=own.egress_proxy)
    sender = Sender(exchange, directory)
    verifier = Verifier(exchange, endpoints, own.notify_origin)
    for component in (
        directory,
        exchange,
        Runtime(stage(own, directory, sender), own, client),
        Runtime(campaigns_stage(directory, traces), own, client),
        writer,
        Backlog(statistics, directory, own.partitions),
        Drain(deliveries, endpoints, directory, writer, own.notify_drain_per_second),
    ):
        service.run(component)
    service.serve(endpoint_routes(endpoints, own.guard, verifier, own.notify_verification))
    service.serve(care_routes(endpoints, deliveries, statistics, sender, verifier, writer))
    service.serve(delivery_routes(deliveries, statistics, writer))
    _serve_campaigns(service, writer)
    return service.app


def _serve_campaigns(service: Service, writer: RecordWriter) -> None:
    campaigns, personas = CampaignStore(service.database), PersonaStore(service.database)
    previews = Previews(AudienceStore(service.database))
    service.serve(campaign_routes(campaigns, personas, previews, writer))
    service.serve(persona_routes(personas))
    service.serve(relay_routes(RelayStore(service.database), campaigns, personas, writer))


def stage(settings: NotifySettings, directory: Directory, sender: Sender) -> Stage:
    """Return notify's stage."""
    terms = Terms(
        policy=settings.retry_policy,
        limits=settings.limits,
        health=settings.health_policy,
        retention=timedelta(days=settings.notify_retention_days),
    )
    return Stage(
        name="notify",
        topics=(Topic.ACTIONS, Topic.DELIVERIES),
        open_partition=lambda _: NotifyPartition(directory, terms),
        kinds=tuple(KINDS),
        clock=Clock.WALL,
        performer=sender,
        references=(directory,),
    )


def campaigns_stage(directory: Directory, traces: TraceStore) -> Stage:
    """Return the stage of campaigns; what it says is delivered by notify's."""
    receivers = _Receivers(directory)
    return Stage(
        name="campaigns",
        topics=CAMPAIGN_TOPICS,
        open_partition=lambda _: CampaignsPartition(receivers),
        kinds=tuple(CAMPAIGN_KINDS),
        clock=Clock.WALL,
        gathering=CAMPAIGNS_GATHER,
        performer=traces,
        references=(directory,),
    )


class _Receivers:
    """Tells campaigns which endpoints will get an action."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def webhooks(self, action: Action) -> list[str]:
        found = receivers(action, self._directory.subscriptions)
        return [webhook_id(action, endpoint.id) for endpoint in found]
