"""Ordinary talk: conversations, small talk and check-ins of one group over the day."""

from __future__ import annotations

from random import Random
from typing import Final

from shared.events import CheckinMade, Media
from steward.demo.cast import Community, Person
from steward.demo.phrases import Voice
from steward.demo.rhythm import CHECKING_IN, DAY, HOUR, moments
from steward.demo.script import Said, Script

_MESSAGES_A_CONVERSATION: Final = 5.6
_SHARES: Final = 0.16
_SMALL_TALK: Final = 0.10
_WITHOUT_TEXT: Final = (Media.IMAGE, Media.IMAGE, Media.STICKER, Media.STICKER, Media.VOICE)


class Chatter:
    """Writes what the members of one group say when nothing special happens."""

    def __init__(self, script: Script, community: Community, voice: Voice, random: Random) -> None:
        self._script = script
        self._community = community
        self._voice = voice
        self._random = random
        self._talkers = community.talkers
        self._weights = [1 / (rank + 3) ** 0.85 for rank in range(len(self._talkers))]
        self._until = community.plan.quiet_from or 24.0

    def write(self) -> None:
        """Write the whole day of the group."""
        wanted = self._community.plan.messages
        shares, small = round(wanted * _SHARES), round(wanted * _SMALL_TALK)
        conversations = round((wanted - shares - small) / _MESSAGES_A_CONVERSATION)
        for at in self._moments(conversations):
            self._converse(at)
        for at in self._moments(shares):
            self._share(at)
        for at in self._moments(small):
            self._small_talk(at)
        self._check_in()

    def _moments(self, count: int) -> list[float]:
        return [min(at, DAY - 900) for at in moments(self._random, count, until=self._until)]

    def _someone(self, apart_from: Person | None = None) -> Person:
        while True:
            person = self._random.choices(self._talkers, self._weights)[0]
            if person != apart_from:
                return person

    def _converse(self, at: float) -> None:
        """One asks, a few answer each other, and the asker often says thanks."""
        text, conversation = self._voice.open()
        asker = self._someone()
        first = last = self._script.say(self._community, asker, at, text)
        company = [self._someone(asker) for _ in range(self._random.randint(1, 5))]
        for _ in range(self._random.choice((1, 2, 3, 3, 4, 4, 5, 6, 7, 9))):
            at += self._pause()
            speaker = self._random.choice([*company, asker] if last.person != asker else company)
            if speaker == last.person:
                continue
            last = self._answer(speaker, at, self._voice.reply(conversation), first, last)
        if last.person != asker and self._random.random() < 0.4:
            thanks = self._voice.one_of(self._voice.common.thanks)
            self._script.say(self._community, asker, at + self._pause(), thanks, to=last)

    def _answer(self, speaker: Person, at: float, text: str, first: Said, last: Said) -> Said:
        """Most answer into the room, some to a message, some by name."""
        chance = self._random.random()
        to = last if chance < 0.22 else first if chance < 0.34 else None
        mentions: tuple[Person, ...] = ()
        if to is None and chance > 0.9:
            mentions = (last.person,)
            text = f"@{last.person.name} {text}"
        if to is not None and to.person == speaker:
            to = None
        return self._script.say(self._community, speaker, at, text, to=to, mentions=mentions)

    def _share(self, at: float) -> None:
        if self._random.random() < 0.3:
            media = self._random.choice(_WITHOUT_TEXT)
            self._script.say(self._community, self._someone(), at, "", media=media)
        else:
            self._script.say(self._community, self._someone(), at, self._voice.share())

    def _small_talk(self, at: float) -> None:
        """Greetings at their time of day, else a word or an emoji."""
        hour = at / HOUR
        common = self._voice.common
        if 5.5 <= hour < 9.5:
            text = self._voice.one_of(common.mornings)
        elif 11.5 <= hour < 13.5:
            text = self._voice.one_of(common.noons)
        elif hour >= 22:
            text = self._voice.one_of(common.nights)
        else:
            text = self._voice.short()
        self._script.say(self._community, self._someone(), at, text)

    def _check_in(self) -> None:
        """Half of those who check in also say so."""
        plan, topics = self._community.plan, self._voice.topic.checkins
        for at in moments(self._random, plan.checkins, CHECKING_IN, until=self._until):
            person, topic = self._random.choice(self._talkers), self._random.choice(topics)
            self._script.add(CheckinMade, self._community, person, at, topic=topic)
            if self._random.random() < 0.5:
                text = self._voice.checkin(topic)
                self._script.say(self._community, person, min(at + 3, DAY - 60), text)

    def _pause(self) -> float:
        """Seconds until the next one has typed: half a minute as a rule, some minutes at times."""
        return min(4 + self._random.lognormvariate(3.3, 0.9), 600)
