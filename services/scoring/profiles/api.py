"""REST: members as customers, their attributes, and who talks about the same."""

from __future__ import annotations

import asyncio
from time import time
from typing import Annotated

import msgspec
from fastapi import APIRouter, Body, Query, Request

from services.scoring.api import Explain
from services.scoring.profiles.attributes import AttributeValue, written
from services.scoring.profiles.interests import merged
from services.scoring.profiles.matching import matching_groups, matching_members
from services.scoring.profiles.schemas import (
    Alike,
    AlikeList,
    AttributesTaken,
    ProfileAnswer,
)
from services.scoring.profiles.store import ProfileStore
from services.scoring.segments.store import DefinitionStore
from shared.events import MemberId, Millis, TenantId, derive_id
from shared.members import AttributesSet
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.auth import Tenanted, tenant_with
from shared.web.problems import NotFound, Problem
from shared.web.scopes import Scope
from shared.web.shaping import ShapedRoute

Writer = Annotated[TenantId, tenant_with(Scope.MEMBERS_WRITE)]
Most = Annotated[int, Query(ge=1, le=100, alias="limit", description="How many.")]
AttributesBody = Annotated[
    dict[str, AttributeValue | None],
    Body(min_length=1, max_length=100, examples=[{"city": "杭州"}]),
]


def profile_routes(
    profiles: ProfileStore, definitions: DefinitionStore, writer: RecordWriter
) -> APIRouter:
    """Return the routes under `/members/…` and `/groups/…` that tell of profiles."""
    router = APIRouter(route_class=ShapedRoute)
    _add_profile(router, profiles, definitions, writer)
    _add_matching(router, profiles)
    return router


def _add_profile(
    router: APIRouter, profiles: ProfileStore, definitions: DefinitionStore, writer: RecordWriter
) -> None:
    @router.get("/members/{member:path}/profile", tags=["members"])
    async def profile(tenant: Tenanted, member: str, explain: Explain = False) -> ProfileAnswer:
        """Tell a member across the groups: who they are, what they bought, did and talk about."""
        known = await profiles.memberships(tenant, member)
        if not known:
            raise NotFound("There is no such member.")
        declared = (await definitions.get(tenant)).attributes
        clock = await definitions.clock(tenant)
        interests = await profiles.interests(tenant, member)
        return ProfileAnswer.of(known, interests, declared, _now(), clock, explain=explain)

    @router.patch("/members/{member:path}/attributes", status_code=202, tags=["members"])
    async def set_attributes(
        request: Request, tenant: Writer, member: str, wanted: AttributesBody
    ) -> AttributesTaken:
        """Set attributes that are declared; null removes one. Others stay as they are.

        It is in force once the owner of each of the member's groups has noted it.
        """
        groups = [each.group for each in await profiles.memberships(tenant, member)]
        if not groups:
            raise NotFound("There is no such member.")
        values = await _values(definitions, tenant, wanted)
        now = _now()
        said = msgspec.json.encode(values, order="sorted").decode()
        trace = request.headers.get("traceparent", "")
        requests = [
            AttributesSet(
                id=derive_id("attributes.set", tenant, group, member, str(now), said),
                tenant=tenant,
                group=group,
                member=MemberId(member),
                time=Millis(now),
                attributes=values,
            )
            for group in groups
        ]
        await asyncio.gather(*(writer.write(Topic.MEMBERS, each, trace) for each in requests))
        return AttributesTaken(attributes=wanted, groups=[str(group) for group in groups])


def _add_matching(router: APIRouter, profiles: ProfileStore) -> None:
    @router.get("/members/{member:path}/matching-groups", tags=["members"])
    async def groups_for(
        tenant: Tenanted, member: str, most: Most = 10, explain: Explain = False
    ) -> AlikeList:
        """Find groups that a member is not in and that talk about what the member does."""
        memberships = await profiles.memberships(tenant, member)
        if not memberships:
            raise NotFound("There is no such member.")
        own = merged(each.interests for each in await profiles.interests(tenant, member))
        found = await profiles.groups_about(tenant, own.top)
        joined = frozenset(each.group for each in memberships if each.is_present)
        best = matching_groups(own, found, joined, most)
        items = [Alike.of(like, group=id, explain=explain) for id, like in best]
        return AlikeList(items=items)

    @router.get("/groups/{group:path}/matching-members", tags=["groups"])
    async def members_for(
        tenant: Tenanted, group: str, most: Most = 10, explain: Explain = False
    ) -> AlikeList:
        """Find members of other groups who talk about what the group does."""
        whole = await profiles.group_interests(tenant, group)
        if whole is None:
            raise NotFound("There is no such group, or nothing is known of what it talks about.")
        best = matching_members(whole, await profiles.members_about(tenant, whole.top), most)
        items = [Alike.of(like, member=id, explain=explain) for id, like in best]
        return AlikeList(items=items)


async def _values(
    definitions: DefinitionStore, tenant: TenantId, wanted: AttributesBody
) -> dict[str, str]:
    """Return the values as they are kept. Raises `Problem` (422) naming each that does not fit."""
    declared = (await definitions.get(tenant)).attributes
    values: dict[str, str] = {}
    wrong: list[dict[str, str]] = []
    for name, value in wanted.items():
        if name not in declared:
            detail = f"is not declared: PUT /v1/attributes/{name}"
            wrong.append({"pointer": f"/{name}", "detail": detail})
            continue
        try:
            values[name] = "" if value is None else written(declared[name].type, value)
        except ValueError as error:
            wrong.append({"pointer": f"/{name}", "detail": str(error)})
    if wrong:
        raise Problem(422, "Invalid request", errors=wrong)
    return values


def _now() -> int:
    return int(time() * 1000)
