"""What the routes of profiles answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from pydantic import BaseModel, Field

from services.scoring.calendar import DAYS_KEPT
from services.scoring.clock import TenantClock
from services.scoring.profiles.attributes import Attribute, AttributeValue, read
from services.scoring.profiles.documents import MemberInterests
from services.scoring.profiles.interests import Likeness, merged
from services.scoring.profiles.joined import joined
from services.scoring.profiles.profile import Profile
from shared.events import GroupId, Role

_EPOCH = date(1970, 1, 1)


def date_of(day: int) -> date:
    """Return the date of a day's number."""
    return _EPOCH + timedelta(days=day)


def moment(time: int) -> datetime | None:
    """Return a moment in ms as a datetime; None for never."""
    return datetime.fromtimestamp(time / 1000, tz=UTC) if time else None


class SpentAnswer(BaseModel):
    """Orders in one currency."""

    currency: str
    orders: int
    amount: int = Field(description="In the currency's minor unit (分, cents).")


class Business(BaseModel):
    """What a member bought, of all time."""

    orders: int
    spent: list[SpentAnswer]
    last_order: date | None


class Behaviour(BaseModel):
    """What a member did."""

    totals: dict[str, int] = Field(description="How often each step was taken, of all time.")
    active_days_7: int
    active_days_28: int
    active_days_90: int


class InGroup(BaseModel):
    """What a member is in one group."""

    group: str
    role: Role
    present: bool
    joined_at: datetime | None
    left_at: datetime | None
    invited_by: str
    first_seen: datetime | None
    last_seen: datetime | None
    segments: list[str]

    @classmethod
    def of(cls, profile: Profile) -> InGroup:
        """Return the answer that tells a membership."""
        return cls(
            group=profile.group,
            role=profile.role,
            present=profile.is_present,
            joined_at=moment(profile.joined_at),
            left_at=moment(profile.left_at),
            invited_by=profile.invited_by,
            first_seen=moment(profile.first_seen),
            last_seen=moment(profile.last_seen),
            segments=profile.segments,
        )


class InterestPart(BaseModel):
    """What a member's messages in one group add to the weight of a word."""

    group: str
    adds: float


class Interest(BaseModel):
    """A word that a member or group talks about."""

    word: str
    weight: float = Field(description="Messages that have it, each worth half after 60 days.")
    explain: list[InterestPart] | None = Field(None, description="They add up to the weight.")


class ProfileAnswer(BaseModel):
    """A member across the groups, as of a customer."""

    member: str
    name: str
    first_seen: datetime | None
    last_seen: datetime | None
    attributes: dict[str, AttributeValue]
    business: Business
    behaviour: Behaviour
    interests: list[Interest]
    segments: dict[str, list[str]] = Field(description="Segments, and in which groups.")
    groups: list[InGroup]

    @classmethod
    def of(
        cls,
        profiles: Sequence[Profile],
        interests: Sequence[MemberInterests],
        declared: Mapping[str, Attribute],
        now: int,
        clock: TenantClock,
        *,
        explain: bool,
    ) -> ProfileAnswer:
        """Return the answer that tells a member by their profiles, of which there is one."""
        whole = joined(profiles, now, clock)
        spent = [
            SpentAnswer(currency=each.currency, orders=each.orders, amount=each.amount)
            for each in whole.spent
        ]
        return cls(
            member=profiles[0].member,
            name=whole.name,
            first_seen=moment(whole.first_seen),
            last_seen=moment(whole.last_seen),
            attributes={
                name: read(declared[name].type, text) if name in declared else text
                for name, text in whole.attributes.items()
            },
            business=Business(
                orders=sum(each.orders for each in whole.spent),
                spent=spent,
                last_order=None if whole.last_order_day is None else date_of(whole.last_order_day),
            ),
            behaviour=Behaviour(
                totals=whole.totals,
                active_days_7=whole.active_days[7],
                active_days_28=whole.active_days[28],
                active_days_90=whole.active_days[DAYS_KEPT - 1],
            ),
            interests=interests_of(interests, explain=explain),
            segments=whole.segments,
            groups=[InGroup.of(profile) for profile in profiles],
        )


def interests_of(known: Sequence[MemberInterests], *, explain: bool) -> list[Interest]:
    """Return what a member talks about in all groups, most first."""
    together = merged(each.interests for each in known)
    faded = {each.group: each.interests.until(together.day).words for each in known}
    return [
        Interest(
            word=word,
            weight=round(together.words[word], 2),
            explain=_interest_parts(word, faded) if explain else None,
        )
        for word in together.top
    ]


def _interest_parts(word: str, faded: Mapping[GroupId, Mapping[str, float]]) -> list[InterestPart]:
    adds = [(words[word], group) for group, words in faded.items() if word in words]
    parts = sorted(adds, key=lambda each: (-each[0], each[1]))
    return [InterestPart(group=group, adds=round(weight, 2)) for weight, group in parts]


class AttributesTaken(BaseModel):
    """An accepted change of attributes."""

    attributes: dict[str, AttributeValue | None]
    groups: list[str] = Field(description="The member's groups, in each of which it is noted.")


class SharedWord(BaseModel):
    """A word that both talk about, and what it adds to how alike they are."""

    word: str
    adds: float


class Alike(BaseModel):
    """A group or a member that talks about the same."""

    group: str | None = Field(None, description="Only for groups.")
    member: str | None = Field(None, description="Only for members.")
    score: float = Field(description="How alike, from 0 to 1.")
    shared: list[str] = Field(description="The words that both talk about, most telling first.")
    explain: list[SharedWord] | None = Field(None, description="They add up to the score.")

    @classmethod
    def of(
        cls, like: Likeness, *, explain: bool, group: str | None = None, member: str | None = None
    ) -> Alike:
        """Tell how alike a group, or a member, is."""
        words = [SharedWord(word=word, adds=round(adds, 3)) for word, adds in like.parts]
        return cls(
            group=group,
            member=member,
            score=round(like.score, 3),
            shared=like.shared,
            explain=words if explain else None,
        )


class AlikeList(BaseModel):
    """The most alike, best first."""

    items: list[Alike]
