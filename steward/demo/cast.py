"""The people of the sample day, and who is in which group as what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from shared.events import GroupId, MemberId, Role
from steward.demo.groups import GROUPS, GroupPlan, Language
from steward.demo.names import names

MEMBERS: Final = 600
"""People in all, newcomers and troublemakers included."""
_ENGLISH_SHARE: Final = 0.18


@dataclass(frozen=True)
class Person:
    """One account of the platform."""

    id: MemberId
    name: str


@dataclass(frozen=True)
class Community:
    """A group with its people, the most talkative first."""

    plan: GroupPlan
    owner: Person
    operators: tuple[Person, ...]
    regulars: tuple[Person, ...]
    newcomers: tuple[Person, ...]

    @property
    def talkers(self) -> tuple[Person, ...]:
        """Those who speak at all."""
        if self.plan.talkers is not None:
            return self.regulars[: self.plan.talkers]
        return (*self.operators, self.owner, *self.regulars)

    @property
    def everyone(self) -> tuple[Person, ...]:
        """All who are members when the day starts."""
        return (self.owner, *self.operators, *self.regulars)

    def role(self, person: Person) -> Role:
        """What the platform says that a person is here."""
        if person == self.owner:
            return Role.OWNER
        return Role.OPERATOR if person in self.operators else Role.MEMBER


@dataclass(frozen=True)
class Cast:
    """Everybody: the groups' people, and strangers who are in no group when the day starts."""

    communities: Mapping[str, Community]
    strangers: Mapping[str, Person]

    @property
    def people(self) -> dict[MemberId, Person]:
        """Every person by id."""
        found = {person.id: person for person in self.strangers.values()}
        for community in self.communities.values():
            found |= {person.id: person for person in (*community.everyone, *community.newcomers)}
        return found


STRANGERS: Final = {
    "advertiser": "代购小美",
    "second advertiser": "美美优品",
    "red packets": "福利姐",
    "gambler": "旺旺哥",
    "part-time fraud": "招聘小助理",
    "lonely stranger": "等风来77",
    "flooder": "复读机一号",
    "quiet seller": "悠悠手作",
    "crypto": "CryptoKing_Leo",
    "crypto friend": "Wealth Mentor Amy",
}
"""Who comes to make trouble: the part each plays, and the name it goes by."""


def cast(random: Random) -> Cast:
    """Return the people of the day; the same `random` gives the same people."""
    strangers = {
        part: Person(MemberId(f"u{number:04}"), name)
        for number, (part, name) in enumerate(STRANGERS.items(), start=9001)
    }
    pools: dict[Language, list[Person]] = {"zh": [], "en": []}
    sources = {language: names(language, random) for language in pools}
    for number in range(1, MEMBERS - len(strangers) + 1):
        language: Language = "en" if number <= MEMBERS * _ENGLISH_SHARE else "zh"
        pools[language].append(Person(MemberId(f"u{number:04}"), next(sources[language])))
    settled: dict[GroupId, Community] = {}
    for language, pool in pools.items():
        settled |= _settle([plan for plan in GROUPS if plan.language == language], pool, random)
    return Cast({plan.id: settled[plan.id] for plan in GROUPS}, strangers)


def _settle(plans: list[GroupPlan], pool: list[Person], random: Random) -> dict[GroupId, Community]:
    """Spread the pool over the groups; who does not fit once more is in several."""
    places = sum(plan.size + plan.newcomers for plan in plans)
    fresh = list(pool)
    random.shuffle(fresh)
    communities = {}
    for plan in plans:
        wanted = plan.size + plan.newcomers
        own = fresh[: max(plan.newcomers + 8, round(wanted * len(pool) / places))]
        if plan is plans[-1]:
            own = fresh
        fresh = fresh[len(own) :]
        taken = {person.id for person in own}
        others = [person for person in pool if person.id not in taken]
        own += random.sample(others, max(0, wanted - len(own)))
        communities[plan.id] = _community(plan, own)
    return communities


def _community(plan: GroupPlan, people: list[Person]) -> Community:
    """Newcomers come first in `people`: nobody of them is in another group yet."""
    newcomers, members = people[: plan.newcomers], people[plan.newcomers :]
    return Community(
        plan=plan,
        owner=members[0],
        operators=tuple(members[1:3]),
        regulars=tuple(members[3:]),
        newcomers=tuple(newcomers),
    )
