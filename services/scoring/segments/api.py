"""REST: a tenant's segments and who is in them, its attributes and its steps."""

from __future__ import annotations

from datetime import UTC, datetime
from time import time
from typing import Annotated, Final

from fastapi import APIRouter, Query
from msgspec.structs import replace

from services.scoring.profiles.store import ProfileStore
from services.scoring.segments import event_signals, signals
from services.scoring.segments.changes import (
    Change,
    with_attribute,
    with_segment,
    with_step,
    without_attribute,
    without_segment,
    without_step,
)
from services.scoring.segments.definitions import DefinitionError, Definitions, InForce
from services.scoring.segments.schemas import (
    AttributeAnswer,
    AttributeBody,
    AttributeList,
    InSegment,
    InSegmentPage,
    SegmentAnswer,
    SegmentBody,
    SegmentList,
    Signal,
    SignalList,
    StepAnswer,
    StepBody,
    StepList,
)
from services.scoring.segments.store import DefinitionStore
from shared.condition_types import Value
from shared.events import TenantId
from shared.web.auth import Tenanted, tenant_with
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound, Problem, Unavailable
from shared.web.scopes import Scope
from shared.web.shaping import ShapedRoute

Writer = Annotated[TenantId, tenant_with(Scope.MEMBERS_WRITE)]
GroupFilter = Annotated[str | None, Query(max_length=200, description="Only this group.")]
_TRIES: Final = 5


class Definer:
    """Changes what tenants have defined, one version after the other."""

    def __init__(self, store: DefinitionStore) -> None:
        self.store = store

    async def change(self, tenant: TenantId, change: Change) -> Definitions:
        """Make the next version and return it. Where members' segments may differ, ask anew.

        Raises `Problem` (422) where the change does not fit, `NotFound`, `Unavailable`.
        """
        for _ in range(_TRIES):
            known = await self.store.get(tenant)
            try:
                wanted = change(known)
                InForce(wanted)
            except KeyError as error:
                raise NotFound(f"There is no {error}.") from None
            except DefinitionError as error:
                raise _problem(error) from None
            wanted = replace(wanted, version=known.version + 1, changed_at=_now())
            if await self.store.save(wanted):
                if _judged_by(known) != _judged_by(wanted):
                    await self.store.survey(tenant, wanted.version)
                return wanted
        raise Unavailable("The definitions are being changed by others; try again.")


def segment_routes(store: DefinitionStore, profiles: ProfileStore) -> APIRouter:
    """Return the routes under `/segments`, `/attributes`, `/steps` and `/signals`."""
    router = APIRouter(route_class=ShapedRoute)
    definer = Definer(store)
    _add_segments(router, store, profiles, definer)
    _add_attributes(router, store, definer)
    _add_steps(router, store, definer)
    return router


def _add_segments(
    router: APIRouter, store: DefinitionStore, profiles: ProfileStore, definer: Definer
) -> None:
    @router.get("/segments", tags=["segments"])
    async def segments(tenant: Tenanted) -> SegmentList:
        """List the segments with how many are in each."""
        known = (await store.get(tenant)).segments
        counts = await profiles.counts(tenant, list(known))
        items = [SegmentAnswer.of(id, each, counts[id]) for id, each in known.items()]
        return SegmentList(items=items)

    @router.put("/segments/{segment}", tags=["segments"])
    async def put(tenant: Writer, segment: str, wanted: SegmentBody) -> SegmentAnswer:
        """Define a segment, or change it. Who is in it is judged within seconds.

        Nobody is told of those who enter or leave because the condition is another one.
        """
        made = await definer.change(tenant, with_segment(segment, wanted.segment(_now())))
        count = (await profiles.counts(tenant, [segment]))[segment]
        return SegmentAnswer.of(segment, made.segments[segment], count)

    @router.get("/segments/{segment}", tags=["segments"])
    async def one(tenant: Tenanted, segment: str) -> SegmentAnswer:
        """Tell one segment and how many are in it."""
        known = (await store.get(tenant)).segments.get(segment)
        if known is None:
            raise NotFound("There is no such segment.")
        count = (await profiles.counts(tenant, [segment]))[segment]
        return SegmentAnswer.of(segment, known, count)

    @router.delete("/segments/{segment}", status_code=204, tags=["segments"])
    async def remove(tenant: Writer, segment: str) -> None:
        """Remove a segment."""
        await definer.change(tenant, without_segment(segment))

    @router.get("/segments/{segment}/members", tags=["segments"])
    async def members(
        tenant: Tenanted, segment: str, after: After, group: GroupFilter = None, limit: Limit = 50
    ) -> InSegmentPage:
        """List who is in a segment, by group and member."""
        if segment not in (await store.get(tenant)).segments:
            raise NotFound("There is no such segment.")
        found = await profiles.in_segment(tenant, segment, group, after, limit)
        items = [
            InSegment(
                group=each.group,
                member=each.member,
                name=each.name,
                as_of=datetime.fromtimestamp(each.as_of / 1000, tz=UTC),
            )
            for _, each in found
        ]
        return InSegmentPage(items=items, next=next_cursor([place for place, _ in found], limit))

    @router.get("/signals", tags=["segments"])
    async def all_signals(tenant: Tenanted) -> SignalList:
        """List what the conditions of segments and steps may ask."""
        own = {
            f"{signals.PREFIX}{name}": (each.type.nothing, each.description)
            for name, each in (await store.get(tenant)).attributes.items()
        }
        of_members, of_events = signals.MEANINGS | own, event_signals.MEANINGS
        items = [_signal(name, "member", *each) for name, each in of_members.items()]
        items += [_signal(name, "event", *each) for name, each in of_events.items()]
        return SignalList(items=items)


def _add_attributes(router: APIRouter, store: DefinitionStore, definer: Definer) -> None:
    @router.get("/attributes", tags=["attributes"])
    async def attributes(tenant: Tenanted) -> AttributeList:
        """List the attributes that members can have."""
        known = (await store.get(tenant)).attributes
        return AttributeList(items=[AttributeAnswer.of(name, one) for name, one in known.items()])

    @router.put("/attributes/{attribute}", tags=["attributes"])
    async def put(tenant: Writer, attribute: str, wanted: AttributeBody) -> AttributeAnswer:
        """Declare an attribute. Segments may ask for it as `attribute.NAME`."""
        made = await definer.change(tenant, with_attribute(attribute, wanted.attribute()))
        return AttributeAnswer.of(attribute, made.attributes[attribute])

    @router.delete("/attributes/{attribute}", status_code=204, tags=["attributes"])
    async def remove(tenant: Writer, attribute: str) -> None:
        """Remove an attribute that no segment asks for; members keep their values."""
        await definer.change(tenant, without_attribute(attribute))


def _add_steps(router: APIRouter, store: DefinitionStore, definer: Definer) -> None:
    @router.get("/steps", tags=["steps"])
    async def steps(tenant: Tenanted) -> StepList:
        """List the steps that the tenant has defined, for funnels."""
        known = (await store.get(tenant)).steps
        return StepList(items=[StepAnswer.of(name, one) for name, one in known.items()])

    @router.put("/steps/{step}", tags=["steps"])
    async def put(tenant: Writer, step: str, wanted: StepBody) -> StepAnswer:
        """Define a step, or change it. It is counted from about a second later on."""
        made = await definer.change(tenant, with_step(step, wanted.step()))
        return StepAnswer.of(step, made.steps[step])

    @router.delete("/steps/{step}", status_code=204, tags=["steps"])
    async def remove(tenant: Writer, step: str) -> None:
        """Remove a step."""
        await definer.change(tenant, without_step(step))


def _judged_by(known: Definitions) -> tuple[object, ...]:
    """Return what profiles are judged by: where it changes, all are judged anew."""
    return known.segments, known.attributes, known.silent_days, known.zones


def _signal(name: str, of: str, value: Value, meaning: str) -> Signal:
    types = {str: "string", int: "number", float: "number", bool: "truth value"}
    return Signal(name=name, of=of, type=types[type(value)], meaning=meaning)


def _problem(error: DefinitionError) -> Problem:
    place = {"pointer": f"/{error.field}", "detail": f"{error.part}: {error.message}"}
    if error.offset is not None:
        place["position"] = str(error.offset)
    return Problem(422, "Invalid definition", detail=str(error), errors=[place])


def _now() -> int:
    return int(time() * 1000)
