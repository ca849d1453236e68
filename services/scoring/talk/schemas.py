"""What REST tells of a group's talk."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from services.scoring.member import Member
from services.scoring.talk.key_people import KeyPerson, WeightedEdge
from services.scoring.talk.roles import Casting, Part


class KeyPersonExplanation(BaseModel):
    """What makes somebody matter, each relative to the group's highest."""

    addressed: float = Field(description="PageRank: talked to by those who are talked to.")
    between: float = Field(description="Betweenness: on how many shortest ways between others.")
    partners: int = Field(description="With how many they talk.")


class KeyPersonAnswer(BaseModel):
    """One of the four or five people whom a group's talk goes to and through."""

    member: str
    score: float = Field(description="0.7 × addressed + 0.3 × between.")
    explain: KeyPersonExplanation | None = None

    @classmethod
    def of(cls, person: KeyPerson, *, explain: bool) -> KeyPersonAnswer:
        """Tell a key person."""
        parts = KeyPersonExplanation(
            addressed=round(person.addressed, 3),
            between=round(person.between, 3),
            partners=person.partners,
        )
        score = round(person.score, 3)
        return cls(member=person.member, score=score, explain=parts if explain else None)


class KeyPeople(BaseModel):
    """A group's key people, the first before all others."""

    items: list[KeyPersonAnswer]


class PartExplanation(BaseModel):
    """How much speaks for each part, and how many acts were judged."""

    weights: dict[str, float]
    acts: int


class PartAnswer(BaseModel):
    """The part a member plays in a group's talk."""

    member: str
    part: Part
    confidence: float = Field(ge=0, le=1)
    explain: PartExplanation | None = None

    @classmethod
    def of(cls, member: Member, casting: Casting, *, explain: bool) -> PartAnswer:
        """Tell a member's part."""
        weights = {part: round(weight, 3) for part, weight in casting.weights.items()}
        return cls(
            member=member.member,
            part=casting.part,
            confidence=round(casting.confidence, 3),
            explain=PartExplanation(weights=weights, acts=casting.acts) if explain else None,
        )


class PartPage(BaseModel):
    """A page of members and their parts; ask again with `cursor` set to `next`."""

    items: list[PartAnswer]
    next: str | None


class LineAnswer(BaseModel):
    """Two who talk to each other, and how much: a reply today weighs 4."""

    one: str
    other: str
    weight: float


class TalkAnswer(BaseModel):
    """The strongest lines of a group's talk, the strongest first."""

    people: int = Field(description="Who talks with anybody.")
    items: list[LineAnswer]

    @classmethod
    def of(cls, edges: Sequence[WeightedEdge], most: int) -> TalkAnswer:
        """Tell the `most` strongest lines."""
        lines: dict[tuple[str, str], float] = {}
        for speaker, to, weight, _ in edges:
            pair = (speaker, to) if speaker < to else (to, speaker)
            lines[pair] = lines.get(pair, 0.0) + weight
        strongest = sorted(lines.items(), key=lambda line: (-line[1], line[0]))[:most]
        people = {member for pair in lines for member in pair}
        items = [
            LineAnswer(one=one, other=other, weight=round(weight, 3))
            for (one, other), weight in strongest
        ]
        return cls(people=len(people), items=items)
