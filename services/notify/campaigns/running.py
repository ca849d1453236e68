"""Campaigns of a partition: their runs are started, and their messages asked for. Pure."""

from __future__ import annotations

from math import ceil
from typing import Final

from msgspec import structs

from services.notify.campaigns.audience import Page, ReadAudience, listed
from services.notify.campaigns.documents import CAMPAIGN
from services.notify.campaigns.progress import (
    State,
    TrackedCampaign,
    advanced,
    ended,
    moved,
    saved,
    started,
)
from services.notify.campaigns.schedule import said
from services.notify.campaigns.sends import send_id
from shared.campaigns import (
    CampaignMoved,
    CampaignSaved,
    Content,
    Recipient,
    SendAsked,
    SendReturned,
    SendWithdrawn,
)
from shared.events import Millis, derive_id
from shared.stream.contracts import Documents, Output, Perform, Publish
from shared.topics import Topic

LEASE_MS: Final = 30_000
"""How long the reading of an audience may take before it is asked for again."""
AGAIN_MS: Final = 5_000
"""How long to wait where the audience could not be read."""
PAUSED_MS: Final = 60_000
"""How often a message that waits asks whether its campaign is still paused."""
GONE: Final = frozenset({State.DRAFT, State.CANCELLED})
"""States in which messages that wait are withdrawn."""


def save(record: CampaignSaved, documents: Documents) -> list[Output]:
    """Write a campaign down as a draft, unless it belongs to another tenant or is at its end."""
    known = documents.get(CAMPAIGN, record.campaign)
    if known is None or known.tenant == record.tenant:
        written = saved(known, record)
        if written is not None:
            documents.put(CAMPAIGN, record.campaign, written)
    return []


def move(record: CampaignMoved, now: Millis, documents: Documents) -> list[Output]:
    """Do what is asked of a campaign, if it is still as it was when that was asked."""
    known = documents.get(CAMPAIGN, record.campaign)
    if known is None or known.tenant != record.tenant or known.revision != record.revision:
        return []
    after = moved(known, record.move, record.by, now)
    if after is not None:
        documents.put(CAMPAIGN, record.campaign, after)
    return []


def proceed(id: str, now: Millis, documents: Documents) -> list[Output]:
    """Go on with a campaign whose moment has come."""
    known = documents.get(CAMPAIGN, id)
    if known is None or known.due_at is None or known.due_at > now:
        return []
    if known.state is State.SCHEDULED:
        known = started(known, now)
    if known.run is None or known.state is not State.RUNNING:
        documents.put(CAMPAIGN, id, known)
        return []
    limit, _ = pace(known.definition.per_minute)
    audience = known.definition.audience
    if audience.recipients:
        page = listed(audience.recipients, known.run.cursor, limit)
        return _ask(id, known, page, now, documents)
    documents.put(CAMPAIGN, id, structs.replace(known, due_at=Millis(now + LEASE_MS)))
    run = known.run
    return [Perform(ReadAudience(id, known.tenant, run.number, audience, run.cursor, limit))]


def page_read(
    task: ReadAudience, page: Page | None, now: Millis, documents: Documents
) -> list[Output]:
    """Ask for the messages to the part of the audience that was read."""
    known = documents.get(CAMPAIGN, task.campaign)
    if known is None or known.run is None or known.state is not State.RUNNING:
        return []
    if (known.run.number, known.run.cursor) != (task.run, task.cursor):
        return []
    if page is None:
        later = Millis(now + AGAIN_MS)
        documents.put(CAMPAIGN, task.campaign, structs.replace(known, due_at=later))
        return []
    return _ask(task.campaign, known, page, now, documents)


def returned(record: SendReturned, now: Millis, documents: Documents) -> list[Output]:
    """Answer a message whose wait is over: ask for it again, later while paused, or withdraw it."""
    ask, known = record.ask, documents.get(CAMPAIGN, record.campaign)
    gone = known is None or known.tenant != record.tenant or known.state in GONE
    if known is None or gone or known.revision != ask.revision:
        withdrawn = SendWithdrawn(
            id=derive_id(ask.send, "withdrawn"),
            tenant=ask.tenant,
            campaign=ask.campaign,
            time=now,
            group=ask.group,
            send=ask.send,
        )
        return [Publish(Topic.CAMPAIGNS, withdrawn)]
    attempt = ask.attempt + 1
    paused = known.state is State.PAUSED
    again = structs.replace(
        ask,
        id=derive_id(ask.send, str(attempt)),
        time=now,
        attempt=attempt,
        not_before=Millis(now + PAUSED_MS if paused else 0),
    )
    return [Publish(Topic.CAMPAIGNS, again)]


def pace(per_minute: int) -> tuple[int, int]:
    """Return how many messages to ask for at a time, and how long (ms) until the next."""
    if per_minute < 60:
        return 1, ceil(60_000 / per_minute)
    limit = ceil(per_minute / 60)
    return limit, ceil(limit * 60_000 / per_minute)


def ask_of(id: str, known: TrackedCampaign, recipient: Recipient, now: Millis) -> SendAsked:
    """Return the message of the campaign's run to a recipient."""
    run, definition = known.run, known.definition
    assert run is not None
    send = send_id(id, run.number, recipient.group, recipient.member)
    return SendAsked(
        id=derive_id(send, "0"),
        tenant=known.tenant,
        campaign=id,
        time=now,
        group=recipient.group,
        member=recipient.member,
        send=send,
        content=content_of(definition.content, run.post.text),
        expires=Millis(now + definition.wait_minutes * 60_000),
        revision=known.revision,
        run=run.number,
        variables={**said(definition.schedule, run.post), "campaign": definition.name},
        frequency=definition.frequency,
        holdout=definition.holdout,
        watch_hours=definition.watch_hours,
    )


def content_of(content: Content, reminder: str) -> Content:
    """Return what to say: the content, or the reminder's text in its place."""
    return structs.replace(content, text=reminder, variants=[]) if reminder else content


def _ask(
    id: str, known: TrackedCampaign, page: Page, now: Millis, documents: Documents
) -> list[Output]:
    _, interval = pace(known.definition.per_minute)
    count = len(page.recipients)
    after = advanced(known, page.cursor, count, Millis(now + interval))
    documents.put(CAMPAIGN, id, after if page.cursor else ended(after, now))
    asks = (ask_of(id, known, recipient, now) for recipient in page.recipients)
    return [Publish(Topic.CAMPAIGNS, ask) for ask in asks]
