"""REST: what is known of one member, all of it; its erasure; how long the silent are known."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import time
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from services.scoring.digest.store import DigestStore
from services.scoring.erasure.store import ErasureStore
from services.scoring.points.store import PointsStore
from services.scoring.profiles.store import ProfileStore
from services.scoring.segments.api import Definer
from services.scoring.segments.store import DefinitionStore
from services.scoring.store import ScoreStore
from shared.events import GroupId, MemberId, Millis, TenantId, derive_id
from shared.members import MemberErased
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.auth import Tenanted, key_with, tenant_with
from shared.web.keys import ApiKey
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound
from shared.web.scopes import Scope
from shared.web.shaping import ShapedRoute

Admin = Annotated[TenantId, tenant_with(Scope.ADMIN)]
AdminKey = Annotated[ApiKey, key_with(Scope.ADMIN)]
MOST_MESSAGES: Final = 1_000
ELSEWHERE: Final = {
    "rules": "GET /v1/flags?member=… and GET /v1/cases: what was flagged and decided",
    "ingest": "GET /v1/archive?group=…: the events themselves, where they are archived",
    "notify": "GET /v1/deliveries: actions that name the member, until they expire",
}
"""What other services may hold of a member, and where to read it."""


class Export(BaseModel):
    """All that the scoring service holds of a member."""

    member: str
    exported_at: datetime
    profiles: list[dict[str, Any]] = Field(description="As of a customer, by group.")
    interests: list[dict[str, Any]] = Field(description="Words, by group.")
    scores: list[dict[str, Any]] = Field(description="Counts and scores, by group.")
    points: list[dict[str, Any]] = Field(description="Points earned and spent, by group.")
    messages: list[dict[str, Any]] = Field(description="Valued messages, the latest 1,000.")
    elsewhere: dict[str, str] = Field(description="What other services may hold, and where.")


class ErasureTaken(BaseModel):
    """An accepted erasure."""

    digest: str = Field(description="Names the member in the log of erasures.")
    groups: list[str]
    at: datetime = Field(description="What happened up to then is forgotten.")


class ErasureAnswer(BaseModel):
    """A line of the log of erasures."""

    digest: str
    at: datetime
    by: str = Field(description="The key that asked for it.")
    groups: int


class ErasurePage(BaseModel):
    """Erasures, latest first."""

    items: list[ErasureAnswer]
    next: str | None


class RetentionBody(BaseModel):
    """How long a member who is silent is known."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"silent_days": 730}]}
    )

    silent_days: int | None = Field(
        ge=30, le=3_650, description="Erase who was not seen in a group for so long; null: nobody."
    )


class Known(BaseModel):
    """The stores that know something of members."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    profiles: ProfileStore
    scores: ScoreStore
    digests: DigestStore
    points: PointsStore

    async def groups(self, tenant: TenantId, member: str) -> list[str]:
        """Return the groups in which anything is known of a member. Raises `NotFound`."""
        profiles = await self.profiles.memberships(tenant, member)
        scores = await self.scores.memberships(tenant, member)
        groups = sorted({each.group for each in profiles} | {each.group for each in scores})
        if not groups:
            raise NotFound("There is no such member.")
        return [str(group) for group in groups]


def erasure_routes(
    known: Known, erasures: ErasureStore, definitions: DefinitionStore, writer: RecordWriter
) -> APIRouter:
    """Return the routes of export, erasure and retention."""
    router = APIRouter(tags=["privacy"], route_class=ShapedRoute)
    _add_export(router, known)
    _add_erasure(router, known, erasures, writer)
    _add_retention(router, definitions)
    return router


def _add_export(router: APIRouter, known: Known) -> None:
    @router.get("/members/{member:path}/export")
    async def export(tenant: Admin, member: str) -> Export:
        """Hand out all that is known of a member here (PIPL art. 45, GDPR art. 15 and 20)."""
        await known.groups(tenant, member)
        profiles = await known.profiles.memberships(tenant, member)
        interests = await known.profiles.interests(tenant, member)
        scores = await known.scores.memberships(tenant, member)
        messages = await known.digests.of_member(tenant, member, MOST_MESSAGES)
        return Export(
            member=member,
            exported_at=datetime.now(UTC),
            profiles=msgspec.to_builtins(profiles),
            interests=msgspec.to_builtins(interests),
            scores=msgspec.to_builtins(scores),
            points=msgspec.to_builtins(await known.points.of_member(tenant, member)),
            messages=[
                {"group": each.group, "message": each.message, "text": each.text, "time": each.time}
                for each in messages
            ],
            elsewhere=ELSEWHERE,
        )


def _add_erasure(
    router: APIRouter, known: Known, erasures: ErasureStore, writer: RecordWriter
) -> None:
    @router.delete("/members/{member:path}", status_code=202)
    async def erase(request: Request, key: AdminKey, member: str) -> ErasureTaken:
        """Forget all that is personal of a member, up to now (PIPL art. 47, GDPR art. 17).

        The owner of each of the member's groups does it, and every service that
        reads the topic `members`. Nothing that happened before brings it back.
        """
        groups = await known.groups(key.tenant, member)
        now = int(time() * 1000)
        trace = request.headers.get("traceparent", "")
        records = [
            MemberErased(
                id=derive_id("member.erased", key.tenant, group, member, str(now)),
                tenant=key.tenant,
                group=GroupId(group),
                member=MemberId(member),
                time=Millis(now),
            )
            for group in groups
        ]
        line = await erasures.add(key.tenant, member, now, key.id, len(groups))
        await asyncio.gather(*(writer.write(Topic.MEMBERS, each, trace) for each in records))
        return ErasureTaken(digest=line.digest, groups=groups, at=line.at)

    @router.get("/erasures")
    async def page(
        tenant: Admin,
        after: After,
        member: Annotated[str | None, Query(max_length=200, description="About them.")] = None,
        limit: Limit = 50,
    ) -> ErasurePage:
        """List erasures, latest first: that somebody was erased, not who."""
        found = await erasures.page(tenant, member, after, limit)
        items = [
            ErasureAnswer(digest=each.digest, at=each.at, by=each.by, groups=each.groups)
            for _, each in found
        ]
        return ErasurePage(items=items, next=next_cursor([place for place, _ in found], limit))


def _add_retention(router: APIRouter, definitions: DefinitionStore) -> None:
    definer = Definer(definitions)

    @router.get("/retention")
    async def retention(tenant: Tenanted) -> RetentionBody:
        """Tell how long a member who is silent is known."""
        return RetentionBody(silent_days=(await definitions.get(tenant)).silent_days)

    @router.put("/retention")
    async def put(tenant: Admin, wanted: RetentionBody) -> RetentionBody:
        """Set how long a member who is silent is known. Who has been longer is erased soon."""
        await definer.change(tenant, lambda known: replace(known, silent_days=wanted.silent_days))
        return wanted
