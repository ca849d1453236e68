"""What people do besides talking: react, read, buy, take part, edit, delete, leave."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from shared.events import (
    ActivityAttended,
    ContactRequested,
    ContentViewed,
    MemberLeft,
    MemberUpdated,
    MessageDeleted,
    MessageEdited,
    PurchaseMade,
    ReactionAdded,
    RelayPosted,
)
from steward.demo.cast import Community
from steward.demo.phrases import Topic
from steward.demo.rhythm import DAY, HOUR, SHOPPING, moments
from steward.demo.script import Said, Script

_EMOJI: Final = ("👍", "😂", "❤️", "🌹", "👏", "🔥", "🎉", "😮")
_REACTIONS_A_MESSAGE: Final = 0.35
_VIEWS_A_MEMBER: Final = 2.1
_EDITED: Final = 0.006
_WITHDRAWN: Final = 0.004


class Doings:
    """Writes what the members of one group do over the day."""

    def __init__(self, script: Script, community: Community, topic: Topic, random: Random) -> None:
        self._script = script
        self._community = community
        self._topic = topic
        self._random = random
        self._until = community.plan.quiet_from or 24.0

    def arrive(self) -> None:
        """Tell the platform's list of members, as it does when it is connected."""
        for person in self._community.everyone:
            at = self._random.random() * 60
            self._script.add(MemberUpdated, self._community, person, at, name=person.name)

    def write(self, said: Sequence[Said]) -> None:
        """Write the whole day; `said` is what was said in the group."""
        self._react(said)
        self._correct(said)
        self._read()
        self._buy()
        self._take_part()
        self._get_in_touch()
        self._leave()

    def _react(self, said: Sequence[Said]) -> None:
        everyone = self._community.everyone
        for _ in range(round(len(said) * _REACTIONS_A_MESSAGE)):
            message = self._random.choice(said)
            person = self._random.choice(everyone)
            if person == message.person or not message.text:
                continue
            at = min(message.at + self._random.expovariate(1 / 240) + 2, DAY - 1)
            self._script.add(
                ReactionAdded,
                self._community,
                person,
                at,
                message=message.message,
                author=message.person.id,
                emoji=self._random.choice(_EMOJI),
            )

    def _correct(self, said: Sequence[Said]) -> None:
        """Some mend a message, some withdraw one."""
        mendable = [message for message in said if 6 < len(message.text) < 60]
        for message in self._random.sample(mendable, round(len(said) * _EDITED)):
            at = min(message.at + self._random.uniform(5, 90), DAY - 1)
            mended = f"{message.text}。" if self._community.plan.language == "zh" else message.text
            self._script.add(
                MessageEdited,
                self._community,
                message.person,
                at,
                message=message.message,
                text=f"{mended} (edit)" if mended == message.text else mended,
            )
        for message in self._random.sample(mendable, round(len(said) * _WITHDRAWN)):
            at = min(message.at + self._random.uniform(90, 200), DAY - 1)
            self._script.add(
                MessageDeleted,
                self._community,
                message.person,
                at,
                message=message.message,
                author=message.person.id,
            )

    def _read(self) -> None:
        """Some only read, and do so where nobody writes any more."""
        count = round(len(self._community.everyone) * _VIEWS_A_MEMBER)
        for at in moments(self._random, count):
            content = f"{self._community.plan.id}-post-{self._random.randint(1, 12)}"
            seconds = self._random.randint(5, 240)
            person = self._random.choice(self._community.everyone)
            self._script.add(
                ContentViewed, self._community, person, at, content=content, seconds=seconds
            )

    def _buy(self) -> None:
        plan = self._community.plan
        for number, at in enumerate(moments(self._random, plan.purchases, SHOPPING, self._until)):
            item = self._random.choice(self._topic.items)
            self._script.add(
                PurchaseMade,
                self._community,
                self._random.choice(self._community.everyone),
                at,
                order=f"{plan.id}-{number:04}",
                amount=self._random.choice((990, 1990, 2990, 3990, 4990, 5900, 8800, 12900)),
                currency=plan.currency,
                item=item,
            )

    def _take_part(self) -> None:
        """In the evening some take part in what the group has announced."""
        if self._until < 24:
            return
        count = max(3, len(self._community.talkers) // 5)
        for person in self._random.sample(self._community.talkers, min(count, 4)):
            at = self._random.uniform(19.4, 20.2) * HOUR
            activity = self._random.choice(self._topic.activities)
            self._script.add(ActivityAttended, self._community, person, at, activity=activity)

    def _get_in_touch(self) -> None:
        """A few members make friends, and one message comes from another group."""
        for _ in range(2):
            person, friend = self._random.sample(self._community.everyone, 2)
            at = self._random.uniform(9, min(self._until, 22)) * HOUR
            self._script.add(ContactRequested, self._community, person, at, target=friend.id)
        at = self._random.uniform(8, min(self._until, 21)) * HOUR
        self._script.add(
            RelayPosted,
            self._community,
            self._community.operators[0],
            at,
            message=f"relay-{self._community.plan.id}",
            origin="announcements",
            text=self._random.choice(self._topic.activities),
        )

    def _leave(self) -> None:
        for person in self._random.sample(self._community.regulars[-20:], 2):
            at = self._random.uniform(21, 23.8) * HOUR
            self._script.add(MemberLeft, self._community, person, at)
