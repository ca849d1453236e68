"""What the REST API of campaigns answers."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from services.notify.campaigns.lift import Arm, Lift, lift
from services.notify.campaigns.limits import FrequencyBody, frequency_body
from services.notify.campaigns.progress import State, TrackedCampaign
from services.notify.campaigns.relaying import TrackedRelay
from services.notify.campaigns.schemas import NewCampaign
from services.notify.campaigns.sends import State as SendState
from services.notify.campaigns.sends import TrackedSend
from services.notify.schemas import maybe_moment, moment
from shared.campaigns import Persona, Relay


class ChangeAnswer(BaseModel):
    """Something that happened to a campaign."""

    at: datetime
    what: str
    by: str = Field(description="The key that asked for it; empty: its time had come.")


class CampaignAnswer(BaseModel):
    """A campaign and where it stands."""

    id: str = Field(examples=["cp_5f1d7a84c09b3e62d1a0f7c4"])
    state: State
    revision: int = Field(description="How often it was written.")
    created_at: datetime
    changed_at: datetime
    approved_by: str
    approved_at: datetime | None
    runs: int = Field(description="How often it was sent.")
    asked: int = Field(description="Messages that were asked for in all runs.")
    next_at: datetime | None = Field(description="The next time of its schedule.")
    definition: NewCampaign
    log: list[ChangeAnswer]

    @classmethod
    def of(cls, id: str, known: TrackedCampaign) -> CampaignAnswer:
        """Describe a campaign."""
        return cls(
            id=id,
            state=known.state,
            revision=known.revision,
            created_at=moment(known.created_at),
            changed_at=moment(known.changed_at),
            approved_by=known.approved_by,
            approved_at=maybe_moment(known.approved_at),
            runs=known.runs,
            asked=known.asked,
            next_at=None if known.post is None else moment(known.post.at),
            definition=NewCampaign.of(known.definition),
            log=[ChangeAnswer(at=moment(e.at), what=e.what, by=e.by) for e in known.log],
        )


class CampaignPage(BaseModel):
    """Campaigns, latest first; `next` is the cursor of the following page."""

    items: list[CampaignAnswer]
    next: str | None


class Wording(BaseModel):
    """What one recipient would read, or why nothing could be said to them."""

    group: str
    member: str | None
    text: str
    problem: str = Field(description="Why it cannot be said; empty: it can.")


class Preview(BaseModel):
    """What some recipients would read."""

    items: list[Wording]


class DryRun(BaseModel):
    """What would happen if the campaign were approved now."""

    recipients: int = Field(description="How many the audience is now.")
    held_out: int = Field(description="How many of them would get nothing; about, if not listed.")
    minutes: float = Field(description="How long sending would take at `per_minute`.")
    times: list[datetime] = Field(description="The next times of the schedule, up to five.")
    first: list[Wording] = Field(description="What the first recipients would read.")


class SendAnswer(BaseModel):
    """A message of a campaign or relay to one recipient, and what became of it."""

    id: str
    run: int
    group: str
    member: str | None
    state: SendState
    reason: str
    action: str
    at: datetime
    due_at: datetime | None = Field(description="When it is tried again, or its watch ends.")
    messages: int | None = Field(description="What the recipient did afterwards, once known.")
    deliveries: dict[str, int] = Field(description="Its deliveries by state.")

    @classmethod
    def of(cls, id: str, send: TrackedSend, states: dict[str, str]) -> SendAnswer:
        """Describe a message, with the states of deliveries by their `webhook_id`."""
        known = [states.get(webhook, "accepted") for webhook in send.webhooks]
        return cls(
            id=id,
            run=send.run,
            group=send.group,
            member=send.member,
            state=send.state,
            reason=send.reason,
            action=send.action,
            at=moment(send.changed_at),
            due_at=maybe_moment(send.due_at),
            messages=send.messages,
            deliveries={each: known.count(each) for each in sorted(set(known))},
        )


class SendPage(BaseModel):
    """Messages by id; `next` is the cursor of the following page."""

    items: list[SendAnswer]
    next: str | None


class ArmAnswer(BaseModel):
    """Recipients whose watch has ended."""

    measured: int
    active: int = Field(description="How many of them did something.")
    share: float
    messages: int = Field(description="What they did in all.")

    @classmethod
    def of(cls, arm: Arm) -> ArmAnswer:
        """Describe an arm."""
        return cls(share=arm.share, **arm._asdict())


class LiftAnswer(BaseModel):
    """How much larger the share of the active is among those who got it, with 95 % bounds."""

    difference: float
    low: float
    high: float


class Results(BaseModel):
    """What became of a campaign: messages and deliveries of one run, lift over all of them."""

    run: int
    messages: dict[str, int] = Field(description="Messages by state.")
    reasons: dict[str, int] = Field(description="Those that are not sent, by reason.")
    deliveries: dict[str, int] = Field(description="Their deliveries by state.")
    sent: ArmAnswer
    held_out: ArmAnswer
    lift: LiftAnswer | None = Field(description="null while one of the two has nobody.")

    @classmethod
    def of(
        cls,
        run: int,
        counts: dict[tuple[str, str], int],
        deliveries: dict[str, int],
        arms: dict[str, Arm],
    ) -> Results:
        """Describe what was counted."""
        messages: dict[str, int] = {}
        reasons: dict[str, int] = {}
        for (state, reason), count in counts.items():
            messages[state] = messages.get(state, 0) + count
            if reason:
                reasons[reason] = reasons.get(reason, 0) + count
        sent = arms.get(SendState.SENT, Arm())
        held_out = arms.get(SendState.HELD_OUT, Arm())
        found: Lift | None = lift(sent, held_out)
        return cls(
            run=run,
            messages=messages,
            reasons=reasons,
            deliveries=deliveries,
            sent=ArmAnswer.of(sent),
            held_out=ArmAnswer.of(held_out),
            lift=None if found is None else LiftAnswer(**found._asdict()),
        )


class PersonaAnswer(BaseModel):
    """A persona."""

    id: str
    name: str
    avatar_url: str
    signature: str
    voice: dict[str, str]

    @classmethod
    def of(cls, persona: Persona) -> PersonaAnswer:
        """Describe a persona."""
        fields = ("id", "name", "avatar_url", "signature", "voice")
        return cls(**{name: getattr(persona, name) for name in fields})


class PersonaPage(BaseModel):
    """Personas by id; `next` is the cursor of the following page."""

    items: list[PersonaAnswer]
    next: str | None


class RelayAnswer(BaseModel):
    """A relay."""

    id: str
    name: str
    source: str
    targets: list[str]
    where: str
    text: str
    persona: str | None
    delay_seconds: int
    frequency: FrequencyBody
    enabled: bool
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, id: str, known: TrackedRelay) -> RelayAnswer:
        """Describe a relay."""
        relay: Relay = known.relay
        return cls(
            id=id,
            name=relay.name,
            source=relay.source,
            targets=list(relay.targets),
            where=relay.where,
            text=relay.text,
            persona=None if relay.persona is None else relay.persona.id,
            delay_seconds=relay.delay_seconds,
            frequency=frequency_body(relay.frequency),
            enabled=relay.enabled,
            created_at=moment(known.created_at),
            changed_at=moment(known.changed_at),
        )


class RelayPage(BaseModel):
    """Relays by id; `next` is the cursor of the following page."""

    items: list[RelayAnswer]
    next: str | None
