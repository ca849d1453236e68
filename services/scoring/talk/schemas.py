"""What REST tells of a group's talk."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from services.scoring.member import Member
from services.scoring.parts import Casting, Part
from services.scoring.talk.key_people import KeyPerson, WeightedEdge


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


class LineExplanation(BaseModel):
    """What the weight of a line is made of: what each says to the other."""

    one_to_other: float
    other_to_one: float
    in_disagreement: float = Field(description="How much of both is said in disagreement.")


class LineAnswer(BaseModel):
    """Two who talk to each other, and how much: a reply today weighs 4."""

    one: str
    other: str
    weight: float
    explain: LineExplanation | None = None

    @classmethod
    def of(cls, edges: Sequence[WeightedEdge], *, explain: bool) -> LineAnswer:
        """Tell the line of two people: an edge, and the one back if there is one."""
        one, other = sorted(edges[0][:2])
        there = sum(weight for speaker, _, weight, _ in edges if speaker == one)
        back = sum(weight for speaker, _, weight, _ in edges if speaker != one)
        parts = LineExplanation(
            one_to_other=round(there, 3),
            other_to_one=round(back, 3),
            in_disagreement=round(sum(edge[3] for edge in edges), 3),
        )
        weight = round(there + back, 3)
        return cls(one=one, other=other, weight=weight, explain=parts if explain else None)


class TalkAnswer(BaseModel):
    """The strongest lines of a group's talk, the strongest first."""

    people: int = Field(description="Who talks with anybody.")
    items: list[LineAnswer]

    @classmethod
    def of(cls, edges: Sequence[WeightedEdge], most: int, *, explain: bool) -> TalkAnswer:
        """Tell the `most` strongest lines."""
        lines: dict[tuple[str, str], list[WeightedEdge]] = {}
        for edge in edges:
            pair = (min(edge[:2]), max(edge[:2]))
            lines.setdefault(pair, []).append(edge)

        def weakness(line: tuple[tuple[str, str], list[WeightedEdge]]) -> tuple[object, ...]:
            return -sum(edge[2] for edge in line[1]), line[0]

        strongest = sorted(lines.items(), key=weakness)[:most]
        people = {member for pair in lines for member in pair}
        items = [LineAnswer.of(both, explain=explain) for _, both in strongest]
        return cls(people=len(people), items=items)
