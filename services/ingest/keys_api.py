"""REST routes of the keys: a tenant's own, for its keys with the scope `admin`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.events import TenantId
from shared.web.auth import key_with, tenant_with
from shared.web.key_changes import Change, KeyChange
from shared.web.keys import ApiKey, ApiKeys, Limits
from shared.web.paging import Limit
from shared.web.problems import NotFound, Problem
from shared.web.scopes import Scope
from shared.web.service import problem_response

MOST_KEYS: Final = 1_000
"""Keys that are neither revoked nor expired which one tenant may have."""
MOST_GRACE_SECONDS: Final = 30 * 86_400

Admin = Annotated[TenantId, tenant_with(Scope.ADMIN)]
ReadingKey = Annotated[ApiKey, key_with(Scope.READ)]
AdminKey = Annotated[ApiKey, key_with(Scope.ADMIN)]
KeyId = Annotated[str, Path(max_length=100, examples=["key_1f0c2a9b7d3e"])]
Cursor = Annotated[str, Query(max_length=100, description="`next` of a page.")]
Count = Annotated[int | None, Field(ge=1, le=1_000_000_000)]


class LimitsBody(BaseModel):
    """How much may be sent with the key to each replica of ingest; null: there is no bound."""

    model_config = ConfigDict(extra="forbid")

    requests_per_second: Count = None
    events_per_second: Count = None
    events_per_day: Count = None


class NewKey(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "chat platform", "scopes": ["events:write"]}]},
    )

    name: str = Field("", max_length=200, description="What it is for.")
    scopes: list[Scope] = Field(min_length=1, description="What it opens.")
    expires_at: AwareDatetime | None = None
    limits: LimitsBody = LimitsBody()


class Rotation(BaseModel):
    """How a key is to be rotated."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})

    grace_seconds: int = Field(
        86_400,
        ge=0,
        le=MOST_GRACE_SECONDS,
        description="How long the secret before the new one is good.",
    )


class KeyAnswer(BaseModel):
    """What is known of a key: everything but the key."""

    id: str
    name: str
    last_four: str
    scopes: list[Scope]
    limits: LimitsBody
    created_at: datetime
    created_by: str = Field(description="The id of the key that made it, or the command.")
    expires_at: datetime | None
    revoked_at: datetime | None
    previous_until: datetime | None = Field(
        description="Until when the secret before the current one is good."
    )
    last_used_at: datetime | None = Field(description="Up to date within about 10 seconds.")
    last_used_from: str | None

    @classmethod
    def of(cls, key: ApiKey) -> KeyAnswer:
        return cls(**_told(key))


class OwnKey(KeyAnswer):
    """The key that asks, and whose it is."""

    tenant: TenantId

    @classmethod
    def of(cls, key: ApiKey) -> OwnKey:
        return cls(tenant=key.tenant, **_told(key))


class KeyWithSecret(KeyAnswer):
    """A key and its secret, which no other answer shows."""

    key: str = Field(examples=["sk_…"])


class KeyPage(BaseModel):
    """Some of the tenant's keys, by id."""

    items: list[KeyAnswer]
    next: str | None = Field(description="The `cursor` of the next page; null on the last one.")


class KeyChangeAnswer(BaseModel):
    """A line of the log of keys."""

    id: str
    key: str
    change: Change
    at: datetime
    by: str = Field(description="The id of the key that asked for it, or the command.")
    detail: dict[str, Any]

    @classmethod
    def of(cls, line: KeyChange) -> KeyChangeAnswer:
        names = ("id", "key", "change", "at", "by", "detail")
        return cls(**{name: getattr(line, name) for name in names})


class KeyChangePage(BaseModel):
    """Some of what was done to the tenant's keys, the latest first."""

    items: list[KeyChangeAnswer]
    next: str | None = Field(description="The `cursor` of the next page; null on the last one.")


def keys_router(keys: ApiKeys) -> APIRouter:
    """Return the routes under `/keys` and `/key-changes`."""
    router = APIRouter(tags=["keys"])

    @router.get("/keys")
    async def list_keys(tenant: Admin, limit: Limit = 50, cursor: Cursor = "") -> KeyPage:
        """List the tenant's keys, the revoked ones too."""
        found = await keys.page(tenant, cursor, limit)
        end = found[-1].id if len(found) == limit else None
        return KeyPage(items=[KeyAnswer.of(key) for key in found], next=end)

    @router.post(
        "/keys",
        status_code=201,
        responses={409: problem_response(f"The tenant has {MOST_KEYS} keys already.")},
    )
    async def create_key(admin: AdminKey, wanted: NewKey) -> KeyWithSecret:
        """Make a key for the own tenant. Only this answer shows it."""
        if await keys.count(admin.tenant) >= MOST_KEYS:
            raise Problem(409, "Too many keys", detail=f"A tenant may have {MOST_KEYS} of them.")
        secret, key = await keys.create(
            admin.tenant,
            wanted.name,
            None if wanted.expires_at is None else _utc(wanted.expires_at),
            scopes=wanted.scopes,
            limits=Limits(**wanted.limits.model_dump()),
            by=admin.id,
        )
        return KeyWithSecret(key=secret, **_told(key))

    @router.get("/keys/{id}")
    async def get_key(tenant: Admin, id: KeyId) -> KeyAnswer:
        """Show what is known of a key."""
        key = await keys.get(tenant, id)
        if key is None:
            raise _not_found()
        return KeyAnswer.of(key)

    @router.post("/keys/{id}:rotate")
    async def rotate_key(admin: AdminKey, id: KeyId, wanted: Rotation) -> KeyWithSecret:
        """Give a key a new secret. Only this answer shows it; the one before has its grace."""
        grace = timedelta(seconds=wanted.grace_seconds)
        rotated = await keys.rotate(id, grace, tenant=admin.tenant, by=admin.id)
        if rotated is None:
            raise _not_found()
        secret, key = rotated
        return KeyWithSecret(key=secret, **_told(key))

    @router.delete("/keys/{id}", status_code=204)
    async def revoke_key(admin: AdminKey, id: KeyId) -> None:
        """Make a key worthless, on every replica within half a minute."""
        if not await keys.revoke(id, tenant=admin.tenant, by=admin.id):
            raise _not_found()

    _add_changes(router, keys)
    _add_own(router)
    return router


def _add_changes(router: APIRouter, keys: ApiKeys) -> None:
    @router.get("/key-changes")
    async def list_changes(
        tenant: Admin, limit: Limit = 50, cursor: Cursor | None = None
    ) -> KeyChangePage:
        """List what was done to the tenant's keys, the latest first. Nothing is ever removed."""
        found = await keys.changes(tenant, cursor, limit)
        end = found[-1].id if len(found) == limit else None
        return KeyChangePage(items=[KeyChangeAnswer.of(line) for line in found], next=end)


def _add_own(router: APIRouter) -> None:
    @router.get("/key")
    async def get_own_key(key: ReadingKey) -> OwnKey:
        """Show what is known of the key that asks: whose it is, and what it opens."""
        return OwnKey.of(key)


def _told(key: ApiKey) -> dict[str, Any]:
    told = {
        name: getattr(key, name)
        for name in KeyAnswer.model_fields
        if name not in ("scopes", "limits")
    }
    scopes = sorted(Scope if key.scopes is None else key.scopes)
    limits = LimitsBody(**{name: getattr(key.limits, name) for name in LimitsBody.model_fields})
    return {**told, "scopes": scopes, "limits": limits}


def _utc(moment: datetime) -> datetime:
    """Return the moment in UTC. Raises `Problem` for one that no calendar has there."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        problem = {"pointer": "/expires_at", "detail": "is out of range"}
        raise Problem(422, "Invalid request", errors=[problem]) from None


def _not_found() -> NotFound:
    return NotFound("There is no such key, or it was revoked.")
