"""REST: how a group is run, and whether it should be split."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from msgspec.structs import asdict
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.scoring.advice.split import Reason, split_advice
from services.scoring.api import AsOf
from services.scoring.profiles.conduct import DAYS_KEPT, Conduct, figures, first_week
from services.scoring.profiles.store import ProfileStore
from services.scoring.segments.api import Definer, Writer
from services.scoring.segments.changes import with_end
from services.scoring.store import ScoreStore
from services.scoring.talk.graph import weights
from services.scoring.talk.store import TalkStore
from shared.events import GroupId
from shared.web.auth import Tenanted
from shared.web.problems import NotFound
from shared.web.shaping import ShapedRoute


class FirstWeek(BaseModel):
    """Newcomers of 91 days whose first week is over."""

    arrived: int
    returned: int = Field(description="Active on one of the seven days after the first.")
    share: float | None
    low: float | None = Field(description="Lower end of the 95 % interval.")
    high: float | None = Field(description="Upper end of it.")


class ConductAnswer(BaseModel):
    """How a group is run."""

    group: str
    days: int
    operator_messages: int
    member_messages: int
    promotions: int = Field(description="Operators' messages that rules flagged as promotion.")
    promotion_share: float | None = Field(description="Of the operators' messages.")
    broadcasts: int = Field(description="Operators' messages that are addressed to nobody.")
    broadcasts_per_day: float
    broadcast_share: float | None = Field(description="Of all messages.")
    first_week: FirstWeek


class EndBody(BaseModel):
    """When a group ends."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"ends_at": "2026-03-31T16:00:00Z"}]}
    )

    ends_at: AwareDatetime | None = Field(description="null: it does not.")


class HalfAnswer(BaseModel):
    """One of two proposed groups."""

    members: list[str] = Field(description="Those who talk; the silent may go with either.")
    kept: float = Field(description="The share of their talk that stays.")
    expected_talk: float = Field(description="The share of all of the group's talk that goes on.")


class BridgeAnswer(BaseModel):
    """Two who would be parted."""

    one: str
    other: str
    share: float = Field(description="Of all talk in the group.")


class SplitAnswer(BaseModel):
    """Whether a group should be split."""

    group: str
    advised: bool
    reason: Reason
    talkers: int
    communities: int
    modularity: float
    needed: float = Field(description="What the modularity must be for communities to be real.")
    lost: float = Field(description="The share of talk between the halves.")
    halves: list[HalfAnswer]
    bridges: list[BridgeAnswer]


def advice_routes(
    profiles: ProfileStore, scores: ScoreStore, talk: TalkStore, definer: Definer
) -> APIRouter:
    """Return the routes under `/groups/…` that advise."""
    router = APIRouter(tags=["groups"], route_class=ShapedRoute)

    @router.get("/groups/{group:path}/conduct")
    async def conduct(
        tenant: Tenanted,
        group: str,
        at: AsOf,
        days: Annotated[int, Query(ge=1, le=DAYS_KEPT)] = 7,
    ) -> ConductAnswer:
        """Tell operators' share of promotion and broadcasts, and whether newcomers return."""
        if await scores.group(tenant, group) is None:
            raise NotFound("There is no such group.")
        known = await profiles.conduct(tenant, group)
        known = known or Conduct(tenant=tenant, group=GroupId(group))
        day = max((await definer.store.clock(tenant)).day(at), known.day)
        returns = FirstWeek(**asdict(first_week(known, day)))
        told = asdict(figures(known, day, days))
        return ConductAnswer(group=group, days=days, first_week=returns, **told)

    @router.put("/groups/{group:path}/end")
    async def end(tenant: Writer, group: str, wanted: EndBody) -> EndBody:
        """Say when a flash group ends. It is told of a day before, and once it has come.

        From then on nothing is told of it: that it is silent is no news.
        """
        moment = None if wanted.ends_at is None else int(wanted.ends_at.timestamp() * 1000)
        await definer.change(tenant, with_end(group, moment))
        return wanted

    @router.get("/groups/{group:path}/split-advice")
    async def split(tenant: Tenanted, group: str, at: AsOf) -> SplitAnswer:
        """Tell whether a large group is two in truth, which two, and what would be lost."""
        known = await scores.group(tenant, group)
        if known is None:
            raise NotFound("There is no such group.")
        graph = await talk.graph(tenant, group)
        advice = split_advice([] if graph is None else weights(graph, at), known.members)
        return SplitAnswer(
            group=group,
            advised=advice.advised,
            reason=advice.reason,
            talkers=advice.talkers,
            communities=advice.communities,
            modularity=advice.modularity,
            needed=advice.needed,
            lost=advice.lost,
            halves=[HalfAnswer(**asdict(each)) for each in advice.halves],
            bridges=[BridgeAnswer(**asdict(each)) for each in advice.bridges],
        )

    return router
