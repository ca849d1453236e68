"""REST: what conditions may name, for those who write them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.rules.names import names_of
from services.rules.rule_sets.api import found_version
from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.store import RuleSetStore
from shared.web.auth import Tenanted


class NameAnswer(BaseModel):
    """A signal or a function that conditions may name."""

    name: Annotated[str, Field(examples=["text.strange_links"])]
    type: Annotated[str, Field(description="`bool`, `int`, `float`, `str` or `function`.")]
    meaning: str


class NameList(BaseModel):
    """Everything that the conditions of one rule set may name."""

    items: list[NameAnswer]


Version = Annotated[str, Query(description="The rule set's version; the one in force if not said.")]


def name_routes(store: RuleSetStore, catalog: Catalog) -> APIRouter:
    """Return the route of what conditions may name."""
    router = APIRouter(tags=["rule sets"])

    @router.get("/signals")
    async def names(tenant: Tenanted, version: Version = "") -> NameList:
        """List what conditions may name, with the windows, patterns and rules of a rule set."""
        if version:
            source = (await found_version(store, tenant, version)).source
        else:
            source = catalog.of(tenant).pack.source
        items = [NameAnswer(**msgspec.structs.asdict(each)) for each in names_of(source)]
        return NameList(items=items)

    return router
