"""What the REST API of campaigns takes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.notify.campaigns.limits import (
    CapBody,
    FrequencyBody,
    frequency_body,
    frequency_fields,
)
from services.notify.schemas import GroupName, moment
from shared.campaigns import Campaign, Persona

TemplateText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=8_000),
    Field(description="What to say, in a part of Jinja2: docs/campaigns.md."),
]
SegmentName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,49}$")]
AttributeName = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,200}$")]
ShortText = Annotated[str, StringConstraints(max_length=200)]
PersonaName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
STRICT: Final = ConfigDict(extra="forbid")


class RecipientBody(BaseModel):
    """A group, or one member of it."""

    model_config = STRICT

    group: GroupName
    member: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


class AudienceBody(BaseModel):
    """Whom it goes to: `recipients`, `every_group`, or members by `segments` and `attributes`."""

    model_config = STRICT

    recipients: Annotated[list[RecipientBody], Field(max_length=2_000)] = []
    every_group: bool = Field(False, description="Every group that anything was heard of.")
    segments: Annotated[
        list[SegmentName], Field(max_length=20, description="Members of any of these segments.")
    ] = []
    attributes: Annotated[
        dict[AttributeName, ShortText],
        Field(max_length=10, description="Members with all of these attributes."),
    ] = {}
    groups: Annotated[
        list[GroupName], Field(max_length=500, description="Only members of these groups.")
    ] = []


class VariantBody(BaseModel):
    """Other words for members of these segments, or for these groups."""

    model_config = STRICT

    text: TemplateText
    segments: Annotated[list[SegmentName], Field(max_length=20)] = []
    groups: Annotated[list[GroupName], Field(max_length=200)] = []


class ContentBody(BaseModel):
    """What to say."""

    model_config = STRICT

    text: TemplateText
    variants: Annotated[list[VariantBody], Field(max_length=10)] = []
    variables: Annotated[
        dict[Identifier, Annotated[str, StringConstraints(max_length=1_000)]],
        Field(max_length=50, description="Names that the templates use, and their values."),
    ] = {}
    persona: PersonaName | None = Field(None, description="In whose name: a persona's id.")


class ReminderBody(BaseModel):
    """What to say so long before."""

    model_config = STRICT

    minutes_before: Annotated[int, Field(ge=1, le=7 * 24 * 60)]
    text: TemplateText


class ScheduleBody(BaseModel):
    """When: once `at` a time, or by `cron`; neither: as soon as it is approved."""

    model_config = STRICT

    at: AwareDatetime | None = None
    cron: Annotated[str, StringConstraints(max_length=100), Field(examples=["30 7 * * *"])] = ""
    zone: Annotated[ShortText, Field(description="IANA time zone of `cron` and of `date`.")] = "UTC"
    until: AwareDatetime | None = Field(None, description="No time of `cron` is later.")
    reminders: Annotated[list[ReminderBody], Field(max_length=5)] = []
    grace_minutes: Annotated[
        int, Field(ge=1, le=1_440, description="How late it may still begin.")
    ] = 30


class NewCampaign(BaseModel):
    """A message to many."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "morning",
                    "audience": {"recipients": [{"group": "g1"}, {"group": "g2"}]},
                    "content": {"text": "早安，今天是 {{ date }}"},
                    "schedule": {"cron": "30 7 * * *", "zone": "Asia/Shanghai"},
                }
            ]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    audience: AudienceBody
    content: ContentBody
    schedule: ScheduleBody = ScheduleBody()
    per_minute: Annotated[int, Field(ge=1, le=6_000, description="Most messages a minute.")] = 600
    frequency: FrequencyBody = FrequencyBody()
    wait_minutes: Annotated[
        int, Field(ge=0, le=10_080, description="How long `frequency` may put a message off.")
    ] = 720
    holdout: Annotated[
        float, Field(ge=0, le=0.9, description="Share of the audience that gets nothing.")
    ] = 0
    watch_hours: Annotated[
        int, Field(ge=1, le=168, description="How long recipients are watched afterwards.")
    ] = 24

    def definition(self, persona: Persona | None) -> Campaign:
        """Return the campaign in the name of `persona`, whatever is wrong with it."""
        fields = self.model_dump(exclude_none=True)
        fields["content"].pop("persona", None)
        if persona is not None:
            fields["content"]["persona"] = msgspec.to_builtins(persona)
        fields["schedule"] = {name: _plain(each) for name, each in fields["schedule"].items()}
        fields["frequency"] = frequency_fields(self.frequency)
        return msgspec.convert(fields, Campaign)

    @classmethod
    def of(cls, definition: Campaign) -> NewCampaign:
        """Return what a campaign was made from."""
        fields: dict[str, Any] = msgspec.to_builtins(definition)
        if definition.content.persona is not None:
            fields["content"]["persona"] = definition.content.persona.id
        schedule = fields.get("schedule", {})
        for name in ("at", "until"):
            if name in schedule:
                schedule[name] = moment(schedule[name])
        return cls.model_validate({**fields, "frequency": frequency_body(definition.frequency)})


class CampaignPatch(BaseModel):
    """What to change of a campaign; a part that is given replaces that part as a whole."""

    model_config = STRICT

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    audience: AudienceBody | None = None
    content: ContentBody | None = None
    schedule: ScheduleBody | None = None
    per_minute: Annotated[int, Field(ge=1, le=6_000)] | None = None
    frequency: FrequencyBody | None = None
    wait_minutes: Annotated[int, Field(ge=0, le=10_080)] | None = None
    holdout: Annotated[float, Field(ge=0, le=0.9)] | None = None
    watch_hours: Annotated[int, Field(ge=1, le=168)] | None = None

    def over(self, known: NewCampaign) -> NewCampaign:
        """Return the campaign with these changes."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return known.model_copy(update={n: each for n, each in given.items() if each is not None})


class PersonaBody(BaseModel):
    """In whose name something is said."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "小岚", "signature": "—— 小岚", "voice": {"hello": "嗨嗨"}}]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    avatar_url: Annotated[str, StringConstraints(max_length=2_048)] = ""
    signature: Annotated[ShortText, Field(description="Ends everything that they say.")] = ""
    voice: Annotated[
        dict[Identifier, ShortText],
        Field(max_length=50, description="Their own words, in templates as `persona.…`."),
    ] = {}


class NewRelay(BaseModel):
    """Messages of one group that are said in others, too."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "news",
                    "source": "g1",
                    "targets": ["g2", "g3"],
                    "where": "role == 'operator' && length > 10",
                }
            ]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    source: GroupName
    targets: Annotated[list[GroupName], Field(min_length=1, max_length=200)]
    where: Annotated[
        str, StringConstraints(max_length=1_000), Field(description="Which messages, in CEL.")
    ] = ""
    text: TemplateText = "{{ text }}"
    persona: PersonaName | None = None
    delay_seconds: Annotated[int, Field(ge=1, le=3_600)] = 5
    frequency: FrequencyBody = FrequencyBody(caps=[CapBody(most=60, seconds=3_600)])
    enabled: bool = True


class RelayPatch(BaseModel):
    """What to change of a relay; its source stays."""

    model_config = STRICT

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    targets: Annotated[list[GroupName], Field(min_length=1, max_length=200)] | None = None
    where: Annotated[str, StringConstraints(max_length=1_000)] | None = None
    text: TemplateText | None = None
    persona: PersonaName | None = None
    delay_seconds: Annotated[int, Field(ge=1, le=3_600)] | None = None
    frequency: FrequencyBody | None = None
    enabled: bool | None = None


def _plain(value: object) -> object:
    return int(value.timestamp() * 1000) if isinstance(value, datetime) else value
