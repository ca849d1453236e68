"""REST: the most valued messages of a group, searched and as a digest; when digests are sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from time import time
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.scoring.digest.highlight import Highlight, Valued
from services.scoring.digest.plan import DigestSettings, Rhythm
from services.scoring.digest.store import DigestStore
from services.scoring.profiles.keywords import tokens
from services.scoring.segments.store import DefinitionStore
from shared.events import TenantId
from shared.web.auth import Tenanted, tenant_with
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound
from shared.web.scopes import Scope
from shared.web.shaping import ShapedRoute

Writer = Annotated[TenantId, tenant_with(Scope.MEMBERS_WRITE)]
_EPOCH = date(1970, 1, 1)


class HighlightAnswer(BaseModel):
    """A message that others valued."""

    group: str
    message: str
    member: str
    text: str
    time: datetime
    value: int = Field(description="1 for each person who reacted, 2 who replied, 3 who saved it.")
    reacted: int
    replied: int
    saved: int

    @classmethod
    def of(cls, found: Highlight) -> HighlightAnswer:
        """Return the answer that tells a message."""
        return cls(
            group=found.group,
            message=found.message,
            member=found.member,
            text=found.text,
            time=datetime.fromtimestamp(found.time / 1000, tz=UTC),
            value=found.value,
            reacted=found.count(Valued.REACTED),
            replied=found.count(Valued.REPLIED),
            saved=found.count(Valued.SAVED),
        )


class DigestAnswer(BaseModel):
    """The most valued messages of a day or week."""

    group: str
    first: date
    last: date
    items: list[HighlightAnswer]


class HighlightPage(BaseModel):
    """Valued messages."""

    items: list[HighlightAnswer]
    next: str | None


class DigestSettingsBody(BaseModel):
    """What a tenant wants of digests."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"send": True, "hour": 21, "rhythm": "day", "most": 10}]},
    )

    send: bool = Field(False, description="Send `group.digest` to the endpoints.")
    hour: int = Field(21, ge=0, le=23, description="At which hour of the tenant's day.")
    rhythm: Rhythm = Field(Rhythm.DAY, description="`week` comes on Mondays.")
    most: int = Field(10, ge=1, le=20, description="Most messages of a digest.")
    keep_days: int = Field(90, ge=1, le=730, description="How long valued messages are kept.")


def digest_routes(store: DigestStore, definitions: DefinitionStore) -> APIRouter:
    """Return the routes of digests and highlights."""
    router = APIRouter(tags=["digests"], route_class=ShapedRoute)

    @router.get("/groups/{group:path}/digest")
    async def digest(
        tenant: Tenanted,
        group: str,
        day: Annotated[date | None, Query(description="The last day. Default: today.")] = None,
        rhythm: Rhythm = Rhythm.DAY,
        most: Annotated[int, Query(ge=1, le=50, alias="limit")] = 10,
    ) -> DigestAnswer:
        """Tell a group's most valued messages of a day, or of the seven days up to it."""
        today = (await definitions.clock(tenant)).day(int(time() * 1000))
        last = today if day is None else (day - _EPOCH).days
        first = last if rhythm is Rhythm.DAY else last - 6
        found = await store.best(tenant, group, first, last, most)
        if not found and not await store.knows(tenant, group):
            raise NotFound("There is no such group, or nothing was valued in it.")
        return DigestAnswer(
            group=group,
            first=_EPOCH + timedelta(days=first),
            last=_EPOCH + timedelta(days=last),
            items=[HighlightAnswer.of(each) for each in found],
        )

    @router.get("/highlights")
    async def highlights(
        tenant: Tenanted,
        after: After,
        q: Annotated[str, Query(max_length=100, description="Words that all must be there.")] = "",
        group: Annotated[str | None, Query(max_length=200)] = None,
        limit: Limit = 50,
    ) -> HighlightPage:
        """Search the valued messages, latest first."""
        found = await store.search(tenant, tokens(q), group, after, limit)
        items = [HighlightAnswer.of(each) for _, each in found]
        return HighlightPage(items=items, next=next_cursor([place for place, _ in found], limit))

    @router.get("/digest-settings")
    async def settings(tenant: Tenanted) -> DigestSettingsBody:
        """Tell when digests are sent and how long valued messages are kept."""
        return DigestSettingsBody.model_validate(await store.settings(tenant), from_attributes=True)

    @router.put("/digest-settings")
    async def put(tenant: Writer, wanted: DigestSettingsBody) -> DigestSettingsBody:
        """Set when digests are sent, for messages valued from about a second later on."""
        await store.put_settings(tenant, DigestSettings(**wanted.model_dump()))
        return wanted

    return router
