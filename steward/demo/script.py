"""The day as it is being written: events in the making, and what is true of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from shared.events import (
    BaseEvent,
    GroupId,
    Media,
    MemberId,
    MessageId,
    MessagePosted,
    Millis,
    TenantId,
)
from shared.verdicts import Label
from steward.demo.cast import Cast, Community, Person

SOURCE: Final = "demo-platform"
"""CloudEvents source of everything that the demo platform sends."""


@dataclass(frozen=True)
class Scene:
    """Trouble that was planted: what it is, and which labels would be right for it."""

    id: str
    title: str
    labels: frozenset[Label]


@dataclass(frozen=True)
class Said:
    """A message that is in the script: others may answer it or react to it."""

    community: Community
    person: Person
    message: MessageId
    at: float
    text: str


@dataclass(frozen=True)
class RoutineAsked:
    """A routine question by a member, and whether somebody answered it."""

    message: MessageId
    answered: bool


@dataclass
class Script:
    """Collects what happens; times are seconds since the day's start."""

    tenant: TenantId
    start: Millis
    cast: Cast
    said: list[Said] = field(default_factory=list)
    scenes: dict[str, Scene] = field(default_factory=dict)
    routine: list[RoutineAsked] = field(default_factory=list)
    arrivals: set[tuple[GroupId, MemberId]] = field(default_factory=set)
    _lines: list[tuple[BaseEvent, str | None, str | None]] = field(default_factory=list)
    _messages: int = 0

    def plant(self, id: str, title: str, *labels: Label) -> Scene:
        """Announce a scene whose lines will follow."""
        scene = Scene(id, title, frozenset(labels))
        self.scenes[id] = scene
        return scene

    def say(
        self,
        community: Community,
        person: Person,
        at: float,
        text: str,
        *,
        scene: Scene | None = None,
        lookalike: str | None = None,
        to: Said | None = None,
        mentions: Iterable[Person] = (),
        media: Media = Media.TEXT,
    ) -> Said:
        """Have a person write a message.

        `scene` says that the message is trouble, `lookalike` that it is
        innocent though it looks like trouble, and why.
        """
        self._messages += 1
        said = Said(community, person, MessageId(f"m{self._messages:06}"), at, text)
        self.said.append(said)
        self.add(
            MessagePosted,
            community,
            person,
            at,
            scene=scene,
            lookalike=lookalike,
            message=said.message,
            text=text,
            media=media,
            reply_to=to.message if to else None,
            reply_to_member=to.person.id if to else None,
            mentions=[mentioned.id for mentioned in mentions],
        )
        return said

    def add(
        self,
        type: type[BaseEvent],
        community: Community,
        person: Person,
        at: float,
        *,
        scene: Scene | None = None,
        lookalike: str | None = None,
        **data: Any,  # noqa: ANN401 - the fields differ by type
    ) -> None:
        """Have a person do anything; `data` are the event's own fields."""
        event = type(
            id="-",
            source=SOURCE,
            tenant=self.tenant,
            group=community.plan.id,
            member=person.id,
            time=Millis(self.start + round(at * 1000)),
            role=community.role(person),
            **data,
        )
        self._lines.append((event, scene.id if scene else None, lookalike))

    def finish(self) -> tuple[list[BaseEvent], dict[str, str], dict[str, str]]:
        """Return the events in order of time, which scene each bad one belongs to, and lookalikes.

        Ids name the day as well, so that two days of one tenant do not collide.
        """
        events, culprits, lookalikes = [], {}, {}
        lines = sorted(self._lines, key=lambda line: line[0].time)
        for number, (event, scene, lookalike) in enumerate(lines, start=1):
            named = msgspec.structs.replace(event, id=f"{self.start // 1000}-{number:05}")
            events.append(named)
            if scene is not None:
                culprits[named.id] = scene
            if lookalike is not None:
                lookalikes[named.id] = lookalike
        return events, culprits, lookalikes
