"""Events and definitions that the tests of profiles and segments are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.scoring.profiles.documents import PROFILES, member_id
from services.scoring.profiles.profile import Profile
from services.scoring.profiles.stage import ProfilesPartition
from services.scoring.segments.definitions import Definitions, InForce, Segment
from shared.events import BaseEvent, PurchaseMade, TenantId
from shared.members import MemberRequest
from shared.stream.contracts import Input, Output, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Flag
from tests.unit.scoring.builders import MONDAY

ACME = TenantId("acme")


class OneTenant:
    """What `acme` has defined."""

    def __init__(self, **segments: str) -> None:
        defined = {id: Segment(condition=condition) for id, condition in segments.items()}
        self.now = InForce(Definitions(tenant=ACME, segments=defined, version=1))

    async def refresh(self) -> None:
        """Stay as it is."""

    def of(self, tenant: TenantId) -> InForce:
        return self.now


class World:
    """A partition of the profiles' stage with its documents in memory."""

    def __init__(self, **segments: str) -> None:
        self.tenants = OneTenant(**segments)
        self.partition = ProfilesPartition(0, self.tenants)
        self.documents = MemoryDocuments()

    def fold(self, *values: BaseEvent | Flag | MemberRequest) -> list[Output]:
        return self.apply(record(value, n) for n, value in enumerate(values))

    def apply(self, inputs: Iterable[Input]) -> list[Output]:
        return fold(self.partition, inputs, self.documents)

    def profile(self, member: str = "amy", group: str = "g1") -> Profile:
        found: Profile = self.documents.by_key[PROFILES, member_id("acme", group, member)]
        return found


def record(value: BaseEvent | Flag | MemberRequest, number: int = 0) -> Record:
    if isinstance(value, BaseEvent):
        return Record(Topic.EVENTS, 0, number, value)
    return Record(Topic.FLAGS if isinstance(value, Flag) else Topic.MEMBERS, 0, number, value)


def bought(member: str, time: int, amount: int = 5_000, **more: Any) -> PurchaseMade:
    fields: dict[str, Any] = {
        "id": f"order-{member}-{time}",
        "source": "test",
        "tenant": "acme",
        "group": "g1",
        "member": member,
        "time": time,
        "order": f"o-{time}",
        "amount": amount,
    }
    return PurchaseMade(**{**fields, **more})


START = MONDAY
