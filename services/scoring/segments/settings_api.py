"""REST: a tenant's time zone, and how often and when something is told of its members."""

from __future__ import annotations

from datetime import UTC, datetime, time
from time import time as seconds
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from services.scoring.clock import MOST_NAME, ZoneFrom
from services.scoring.segments.api import Definer
from services.scoring.segments.changes import with_settings
from services.scoring.segments.definitions import Definitions
from services.scoring.segments.store import DefinitionStore
from services.scoring.telling import Telling
from shared.events import TenantId
from shared.web.auth import Tenanted, tenant_with
from shared.web.scopes import Scope
from shared.web.shaping import ShapedRoute

Writer = Annotated[TenantId, tenant_with(Scope.MEMBERS_WRITE)]
_DEFAULT = Telling()


LocalTime = Annotated[
    time,
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d(:\d\d)?$", "examples": ["22:00:00"]}),
]
"""A time of day without an offset: JSON Schema's format `time` (RFC 3339) would ask for one."""


class QuietHoursBody(BaseModel):
    """From when until when nothing is told; where both are equal, no hour is quiet."""

    model_config = ConfigDict(extra="forbid")

    start: LocalTime = Field(time(22), description="Local time, to the minute.")
    end: LocalTime = Field(time(8), description="Local time; may be on the next day.")


class SettingsBody(BaseModel):
    """By which clock a tenant's days turn, and what limits what is told of its members."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"time_zone": "Europe/Berlin", "most_told": 4}]},
    )

    time_zone: str = Field(
        max_length=MOST_NAME, description="IANA name, such as `Asia/Shanghai`.", examples=["UTC"]
    )
    quiet_hours: QuietHoursBody = QuietHoursBody()
    most_told: int = Field(_DEFAULT.most, ge=1, le=64, description="Things told of one member …")
    within_days: int = Field(_DEFAULT.within_days, ge=1, le=31, description="… in so many days.")
    pause_hours: int = Field(_DEFAULT.pause_hours, ge=0, le=744, description="Between two of them.")

    def telling(self) -> Telling:
        """Return the limits as they are kept."""
        return Telling(
            most=self.most_told,
            within_days=self.within_days,
            pause_hours=self.pause_hours,
            quiet_from=_minute(self.quiet_hours.start),
            quiet_until=_minute(self.quiet_hours.end),
        )


class ZoneAnswer(BaseModel):
    """A time zone, and since when days turn by it; none: from the beginning."""

    time_zone: str
    since: datetime | None


class SettingsAnswer(SettingsBody):
    """What holds, and which time zones held before."""

    time_zones: list[ZoneAnswer] = Field(description="The earliest first.")

    @classmethod
    def of(cls, known: Definitions, default: str) -> SettingsAnswer:
        """Tell what a tenant has set; `default` is the zone of who set none."""
        zones = [ZoneFrom(0, default), *known.zones]
        telling = known.telling
        return cls(
            time_zone=zones[-1].zone,
            quiet_hours=QuietHoursBody(
                start=_time(telling.quiet_from), end=_time(telling.quiet_until)
            ),
            most_told=telling.most,
            within_days=telling.within_days,
            pause_hours=telling.pause_hours,
            time_zones=[ZoneAnswer(time_zone=each.zone, since=_since(each)) for each in zones],
        )


def settings_routes(definitions: DefinitionStore) -> APIRouter:
    """Return the routes `/settings`."""
    router = APIRouter(tags=["settings"], route_class=ShapedRoute)
    definer = Definer(definitions)

    @router.get("/settings")
    async def read(tenant: Tenanted) -> SettingsAnswer:
        """Tell by which clock days turn, and what limits what is told of members."""
        return SettingsAnswer.of(await definitions.get(tenant), definitions.zone)

    @router.put("/settings")
    async def write(tenant: Writer, wanted: SettingsBody) -> SettingsAnswer:
        """Set all of it. Another time zone holds from the next quarter of an hour on.

        Days that are counted stay as they were counted.
        """
        now = int(seconds() * 1000)
        made = await definer.change(tenant, with_settings(wanted.time_zone, wanted.telling(), now))
        return SettingsAnswer.of(made, definitions.zone)

    return router


def _minute(local: time) -> int:
    return local.hour * 60 + local.minute


def _time(minute: int) -> time:
    return time(*divmod(minute, 60))


def _since(zone: ZoneFrom) -> datetime | None:
    return datetime.fromtimestamp(zone.since / 1000, tz=UTC) if zone.since else None
