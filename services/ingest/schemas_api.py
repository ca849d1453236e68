"""REST routes of the event types' JSON Schemas."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.ingest.schemas import SCHEMAS, path_of
from shared.web.auth import Tenanted
from shared.web.problems import NotFound

TypeName = Annotated[str, Path(description="The event type.", examples=["message.posted"])]


class SchemaResponse(JSONResponse):
    """A JSON Schema."""

    media_type = "application/schema+json"


class EventTypeOut(BaseModel):
    """One event type that is understood."""

    type: str = Field(examples=["message.posted"])
    description: str
    path: str = Field(description="Where its schema is.", examples=["/v1/schemas/message.posted"])


class EventTypes(BaseModel):
    """Every event type that is understood."""

    items: list[EventTypeOut]


_EVENT_TYPES: Final = EventTypes(
    items=[
        EventTypeOut(type=name, description=schema["description"], path=path_of(name))
        for name, schema in SCHEMAS.items()
    ]
)


def schemas_router() -> APIRouter:
    """Return the routes of `schemas`."""
    router = APIRouter(tags=["schemas"])

    @router.get("/schemas")
    async def list_schemas(_: Tenanted) -> EventTypes:
        """List the event types, and where the schema of each is."""
        return _EVENT_TYPES

    @router.get("/schemas/{type}", response_class=SchemaResponse)
    async def get_schema(_: Tenanted, type: TypeName) -> dict[str, Any]:
        """Show the JSON Schema (2020-12) of a CloudEvent of this type, in structured mode."""
        if type not in SCHEMAS:
            raise NotFound(f"There is no event type {type!r}.")
        return SCHEMAS[type]

    return router
