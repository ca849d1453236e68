"""What people say: sentences made from the phrases of `topics/`, varied like people vary them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from importlib.resources import files
from random import Random
from typing import Final

import msgspec
from msgspec import Struct

Bindings = dict[str, str]
"""What a conversation is about: the value of each slot that was named in it."""

_SLOT: Final = re.compile(r"\{(\w+?)(2?)\}")
_SHORT: Final = 8
"""Up to this many characters people do say the same as others."""
_TRIES: Final = 24


class ThreadPhrases(Struct, frozen=True):
    """A subject of conversation: ways to start it, and what others say to it."""

    start: list[str]
    more: list[str]


class RoutineQuestion(Struct, frozen=True):
    """A question that newcomers ask again and again, and its answer."""

    ask: list[str]
    answer: list[str]


class Topic(Struct, frozen=True):
    """All that is said in a group that has one subject."""

    slots: dict[str, list[str]]
    threads: list[ThreadPhrases]
    shares: list[str]
    items: list[str]
    activities: list[str]
    checkins: list[str]
    faq: list[RoutineQuestion] = []


class Common(Struct, frozen=True):
    """What is said in every group of a language."""

    leads: list[str]
    marks: list[str]
    tails: list[str]
    links: list[str]
    short: list[str]
    thanks: list[str]
    mornings: list[str]
    nights: list[str]
    noons: list[str]
    hello: list[str]
    welcome: list[str]
    faq: list[RoutineQuestion]
    peace: list[str]


def topic(name: str) -> Topic:
    """Read a topic, raising `FileNotFoundError` or `msgspec.ValidationError`."""
    return msgspec.yaml.decode(_read(name), type=Topic)


def common(language: str) -> Common:
    """Read a language's common phrases; raises as `topic`."""
    return msgspec.yaml.decode(_read(f"common_{language}"), type=Common)


def _read(name: str) -> bytes:
    return (files("steward.demo.topics") / f"{name}.yaml").read_bytes()


class Conversation:
    """A subject that is being talked about; every reply to it comes up once."""

    def __init__(self, phrases: ThreadPhrases, bindings: Bindings, random: Random) -> None:
        self.bindings = bindings
        self.replies = random.sample(phrases.more, len(phrases.more))


class Voice:
    """What the people of one group say; nobody says the same long sentence twice."""

    def __init__(self, topic: Topic, common: Common, random: Random) -> None:
        self.topic = topic
        self.common = common
        self._random = random
        self._said: set[str] = set()
        self._recent: deque[int] = deque(maxlen=min(3, len(topic.threads) - 1))

    def open(self) -> tuple[str, Conversation]:
        """Start a conversation: return its first sentence, and what may follow."""
        free = [index for index in range(len(self.topic.threads)) if index not in self._recent]
        index = self._random.choice(free)
        self._recent.append(index)
        phrases = self.topic.threads[index]
        bindings: Bindings = {}

        def draw() -> str:
            bindings.clear()
            return self._fill(self._pick(phrases.start), bindings) + self._mark()

        return self._fresh(draw), Conversation(phrases, bindings, self._random)

    def reply(self, conversation: Conversation) -> str:
        """Say something to the conversation; something short when all has been said."""
        if not conversation.replies or self._random.random() < 0.14:
            return self.short()
        cores = [conversation.replies.pop()]
        if conversation.replies and self._random.random() < 0.12:
            cores.append(conversation.replies.pop())

        def draw() -> str:
            said = (self._fill(core, conversation.bindings) for core in cores)
            text = self._pick(self.common.links).join(said)
            return self._pick(self.common.leads) + text + self._pick(self.common.tails)

        return self._fresh(draw)

    def share(self) -> str:
        """Tell something that needs no answer."""
        return self._fresh(lambda: self._fill(self._pick(self.topic.shares), {}) + self._mark())

    def checkin(self, topic: str) -> str:
        """Check in with a few words."""
        return self._fresh(lambda: f"{topic} {self._fill(self._pick(self.topic.shares), {})}")

    def short(self) -> str:
        """React in a word or two."""
        return self._pick(self.common.short)

    @property
    def routine(self) -> list[RoutineQuestion]:
        """The questions that newcomers ask here."""
        return [*self.common.faq, *self.topic.faq]

    def one_of(self, phrases: Sequence[str], name: str = "") -> str:
        """Say one of the phrases; `name` is whom it is about."""
        return self._pick(phrases).replace("{name}", name)

    def _fresh(self, draw: Callable[[], str]) -> str:
        for _ in range(_TRIES):
            text = draw()
            if len(text) <= _SHORT or text not in self._said:
                self._said.add(text)
                return text
        return self.short()

    def _fill(self, template: str, bindings: Bindings) -> str:
        """Put values into the slots; `{x2}` is a value of slot x other than `{x}`'s."""

        def value(match: re.Match[str]) -> str:
            slot, other = match.group(1), match.group(2)
            values = self.topic.slots[slot]
            first = bindings.setdefault(slot, self._pick(values))
            if not other:
                return first
            rest = [each for each in values if each != first]
            return bindings.setdefault(slot + other, self._pick(rest))

        return _SLOT.sub(value, template)

    def _mark(self) -> str:
        return self._pick(self.common.marks) if self._random.random() < 0.35 else ""

    def _pick(self, phrases: Sequence[str]) -> str:
        return self._random.choice(phrases)
