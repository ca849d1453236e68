"""The sample day: about 20,000 events of 12 groups and 600 members, the same for every run.

The day is written in its own time, from midnight to midnight, and laid over the
24 hours that end when the caller says. All randomness comes from one seed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Final

from shared.events import BaseEvent, GroupId, MemberId, Millis, TenantId
from steward.demo.cast import Cast, Community, Person, cast
from steward.demo.chatter import Chatter
from steward.demo.doings import Doings
from steward.demo.newcomers import Newcomers
from steward.demo.phrases import Voice, common, topic
from steward.demo.rhythm import DAY
from steward.demo.scenes import advertiser, crypto, lures, nuisances, quarrel
from steward.demo.script import RoutineAsked, Said, Scene, Script

SEED: Final = 2024
QUIET_GROUP: Final = GroupId("hiking")
FEW_TALK_GROUP: Final = GroupId("coffee")
_SCENES: Final = (advertiser, lures, quarrel, nuisances, crypto)


@dataclass(frozen=True)
class Day:
    """The sample day and the truth about it.

    `events` are in order of time. `culprits` says which scene an event belongs
    to that should be flagged; `lookalikes` why an innocent event looks guilty.
    `arrivals` are the newcomers who mean it, `routine` their questions.
    """

    start: Millis
    cast: Cast
    events: list[BaseEvent]
    scenes: dict[str, Scene]
    culprits: dict[str, str]
    lookalikes: dict[str, str]
    arrivals: frozenset[tuple[GroupId, MemberId]]
    routine: tuple[RoutineAsked, ...]

    @property
    def end(self) -> Millis:
        """When the day is over."""
        return Millis(self.start + round(DAY * 1000))

    @cached_property
    def communities(self) -> Mapping[str, Community]:
        """The groups by id."""
        return self.cast.communities

    @cached_property
    def people(self) -> dict[MemberId, Person]:
        """Everybody by id."""
        return self.cast.people

    @cached_property
    def by_type(self) -> Counter[str]:
        """How many events there are of each type."""
        return Counter(event.type for event in self.events)

    def clock(self, time: Millis) -> float:
        """Return the hour of the story's day at `time`, from 0 to 24."""
        return (time - self.start) / 3_600_000


def sample_day(end: Millis, tenant: TenantId, seed: int = SEED) -> Day:
    """Write the day that ends at `end`."""
    random = Random(seed)  # noqa: S311 - a story, not a secret
    start = Millis(end - round(DAY * 1000))
    script = Script(tenant, start, cast(random))
    for community in script.cast.communities.values():
        _ordinary_day(script, community, random)
    for scene in _SCENES:
        scene.play(script, random)
    _react_and_do(script, random)
    events, culprits, lookalikes = script.finish()
    return Day(
        start=start,
        cast=script.cast,
        events=events,
        scenes=script.scenes,
        culprits=culprits,
        lookalikes=lookalikes,
        arrivals=frozenset(script.arrivals),
        routine=tuple(script.routine),
    )


def _ordinary_day(script: Script, community: Community, random: Random) -> None:
    voice = Voice(topic(community.plan.id), common(community.plan.language), random)
    Chatter(script, community, voice, random).write()
    Newcomers(script, community, voice, random).write()


def _react_and_do(script: Script, random: Random) -> None:
    """Write what people do besides talking, once all that is said is known."""
    troublemakers = {person.id for person in script.cast.strangers.values()}
    said: dict[str, list[Said]] = defaultdict(list)
    for message in script.said:
        if message.person.id not in troublemakers:
            said[message.community.plan.id].append(message)
    for community in script.cast.communities.values():
        doings = Doings(script, community, topic(community.plan.id), random)
        doings.arrive()
        doings.write(said[community.plan.id])
