"""REST: a tenant's rule sets: publish, read, put in force, roll back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter

from services.rules.pack import Pack, PackError, checked
from services.rules.review.asking import Asking
from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.schemas import (
    DeploymentAnswer,
    NewRuleSet,
    RuleSetAnswer,
    VersionAnswer,
    VersionPage,
)
from services.rules.rule_sets.store import RuleSetStore
from services.rules.rule_sets.telling import told_of_change, told_of_version
from services.rules.rule_sets.versions import (
    Change,
    Deployment,
    Published,
    activated,
    before,
    published,
)
from shared.events import TenantId
from shared.web.auth import Tenanted, key_with
from shared.web.keys import ApiKey
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound, Problem
from shared.web.scopes import Scope
from shared.web.service import problem_response

MOST_VERSIONS: Final = 1_000
"""Versions that one tenant may publish."""

Writer = Annotated[ApiKey, key_with(Scope.RULES_WRITE)]


def rule_set_routes(store: RuleSetStore, catalog: Catalog, asking: Asking) -> APIRouter:
    """Return the routes of `rule-sets`; what they change is told to the audit log by `asking`."""
    router = APIRouter(tags=["rule sets"])

    @router.post(
        "/rule-sets",
        status_code=201,
        responses={
            409: problem_response(f"The tenant has {MOST_VERSIONS} versions already."),
            422: problem_response("The pack cannot be used; `errors` say where, and why."),
        },
    )
    async def publish(key: Writer, wanted: NewRuleSet) -> VersionAnswer:
        """Publish a version. It never changes, and judges nothing before it is activated.

        The same source published again is the same version.
        """
        version = await _publish(store, key, wanted)
        await asking.write(told_of_version(version))
        return VersionAnswer.of(version)

    @router.get("/rule-sets")
    async def page(tenant: Tenanted, limit: Limit = 50, after: After = None) -> VersionPage:
        """List the tenant's versions, latest first."""
        found = await store.page(tenant, after, limit)
        places = [(each.created_at.timestamp(), each.version) for each in found]
        items = [VersionAnswer.of(each) for each in found]
        return VersionPage(items=items, next=next_cursor(places, limit))

    @router.get("/rule-sets/current")
    async def current(tenant: Tenanted) -> RuleSetAnswer:
        """Tell the rule set in force, whose version verdicts name."""
        pack = catalog.of(tenant).pack
        return RuleSetAnswer.of(pack.source, pack.version, pack.text)

    @router.delete("/rule-sets/current", status_code=204)
    async def reset(key: Writer) -> None:
        """Put the shipped rule set in force."""
        await deploy(store, asking, key.tenant, _activation(None, key, "reset"))

    @router.get("/rule-sets/deployment")
    async def deployment(tenant: Tenanted) -> DeploymentAnswer:
        """Tell what is in force, and what was."""
        return DeploymentAnswer.of(await store.deployment(tenant))

    @router.get("/rule-sets/{version}")
    async def get(tenant: Tenanted, version: str) -> RuleSetAnswer:
        """Tell one version with all that it means."""
        found = await found_version(store, tenant, version)
        return RuleSetAnswer.of(found.source, version, found.text)

    @router.post("/rule-sets/{version}:activate")
    async def activate(key: Writer, version: str) -> DeploymentAnswer:
        """Put a version in force: in every replica within a second or two."""
        await found_version(store, key.tenant, version)
        change = _activation(version, key, "activated")
        return DeploymentAnswer.of(await deploy(store, asking, key.tenant, change))

    @router.post("/rule-sets:rollback")
    async def rollback(key: Writer) -> DeploymentAnswer:
        """Put in force again what was before the version that is."""

        def back(old: Deployment) -> Deployment:
            return _activation(before(old), key, "rolled back")(old)

        return DeploymentAnswer.of(await deploy(store, asking, key.tenant, back))

    return router


async def deploy(
    store: RuleSetStore,
    asking: Asking,
    tenant: TenantId,
    change: Callable[[Deployment], Deployment],
) -> Deployment:
    """Change what is in force, and have it noted. Raises `Unavailable` while Kafka is away.

    The change is in force then, and a request that is repeated notes it.
    """
    done = await store.deploy(tenant, change)
    if (told := told_of_change(done)) is not None:
        await asking.write(told)
    return done


async def _publish(store: RuleSetStore, key: ApiKey, wanted: NewRuleSet) -> Published:
    pack = await checked_pack(wanted.source)
    if await store.count(key.tenant) >= MOST_VERSIONS:
        detail = f"A tenant may have {MOST_VERSIONS} of them."
        raise Problem(409, "Too many rule sets", detail=detail)
    version = published(pack, key.tenant, wanted.note, datetime.now(UTC), key.id)
    return await store.publish(version)


_CHECKING: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="packs")
"""Checks one pack at a time, beside the event loop: a large one takes seconds."""


async def checked_pack(source: str) -> Pack:
    """Return a pack that can be used. Raises `Problem`: 422 with the place of each error."""
    try:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_CHECKING, checked, source, "source")
    except PackError as error:
        raise _unusable(error) from error


def _unusable(error: PackError) -> Problem:
    errors: list[dict[str, str | int]] = [
        {
            "pointer": "/source",
            "line": each.line,
            "column": each.column,
            "detail": each.message,
        }
        for each in (error, *error.others)
    ]
    return Problem(422, "Unusable rule set", detail=str(error), errors=errors)


async def found_version(store: RuleSetStore, tenant: TenantId, version: str) -> Published:
    """Return a tenant's version. Raises `NotFound`."""
    found = await store.get(tenant, version)
    if found is None:
        raise NotFound("There is no such rule set.")
    return found


def _activation(version: str | None, key: ApiKey, why: str) -> Callable[[Deployment], Deployment]:
    def activate(old: Deployment) -> Deployment:
        if old.active == version and not old.withdrawn:
            return old
        return activated(old, Change(version=version, at=datetime.now(UTC), by=key.id, why=why))

    return activate
