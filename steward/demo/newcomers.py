"""Those who join on the sample day: some are welcomed and answered, some are not."""

from __future__ import annotations

from random import Random
from typing import Final

from shared.events import InviteAccepted, MemberJoined
from steward.demo.cast import Community, Person
from steward.demo.phrases import Voice
from steward.demo.rhythm import HOUR
from steward.demo.script import RoutineAsked, Said, Script

_INVITED: Final = 0.45
_GREET: Final = 0.75
_WELCOMED: Final = 0.55
_ASK: Final = 0.7
_ANSWERED: Final = 0.5


class Newcomers:
    """Writes how people join one group, and how they are received."""

    def __init__(self, script: Script, community: Community, voice: Voice, random: Random) -> None:
        self._script = script
        self._community = community
        self._voice = voice
        self._random = random
        self._until = min(community.plan.quiet_from or 24.0, 22.0)

    def write(self) -> None:
        """Write all arrivals of the day."""
        for person in self._community.newcomers:
            at = self._random.uniform(8, self._until - 0.3) * HOUR
            self._join(person, at)
            if self._random.random() < _GREET:
                self._greet(person, at + self._random.uniform(40, 400))
            if self._random.random() < _ASK:
                self._ask(person, at + self._random.uniform(500, 1800))

    def _join(self, person: Person, at: float) -> None:
        inviter = None
        if self._random.random() < _INVITED:
            inviter = self._random.choice(self._community.talkers)
        self._script.add(
            MemberJoined,
            self._community,
            person,
            at,
            name=person.name,
            invited_by=inviter.id if inviter else None,
        )
        self._script.arrivals.add((self._community.plan.id, person.id))
        if inviter is not None:
            self._script.add(InviteAccepted, self._community, inviter, at + 1, invitee=person.id)

    def _greet(self, person: Person, at: float) -> None:
        hello = self._voice.one_of(self._voice.common.hello, person.name)
        greeting = self._script.say(self._community, person, at, hello)
        if self._random.random() >= _WELCOMED:
            return
        welcomers = self._random.sample(self._community.talkers[:12], self._random.randint(1, 3))
        for welcomer in welcomers:
            at += self._random.uniform(10, 60)
            text = self._voice.one_of(self._voice.common.welcome, person.name)
            self._script.say(self._community, welcomer, at, text, to=greeting)

    def _ask(self, person: Person, at: float) -> None:
        """Ask what everybody asks; about half of the time somebody answers."""
        question = self._random.choice(self._voice.routine)
        asked = self._script.say(self._community, person, at, self._voice.one_of(question.ask))
        answered = self._random.random() < _ANSWERED
        if answered:
            self._answer(asked, self._voice.one_of(question.answer))
        self._script.routine.append(RoutineAsked(asked.message, answered))

    def _answer(self, asked: Said, text: str) -> None:
        helper = self._random.choice((self._community.owner, *self._community.operators))
        at = asked.at + self._random.uniform(60, 900)
        self._script.say(self._community, helper, at, text, to=asked)
        if self._random.random() < 0.7:
            thanks = self._voice.one_of(self._voice.common.thanks)
            self._script.say(self._community, asked.person, at + 40, thanks)
