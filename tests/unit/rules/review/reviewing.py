"""A partition of rules in which moderators decide."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from services.rules.review.audit import ENTRIES, HEADS, Entry, Verification
from services.rules.review.case import Case, case_id
from services.rules.review.incident import Incident
from services.rules.review.kinds import CASES, INCIDENTS
from services.rules.review.trust import Standing
from services.rules.stage import rules_stage
from shared.events import BaseEvent, Millis
from shared.reviews import CaseReviewed, IncidentReviewed, IncidentSpread, Reviewer, ReviewStep
from shared.stream.contracts import Due, Output, PartitionStage
from shared.stream.memory import fold
from shared.topics import Topic
from shared.verdicts import Flag
from tests.unit.rules.judging import START, World, records

DAY = 86_400_000
ANNA = Reviewer("key_1", "anna")
BEN = Reviewer("key_1", "ben")


def partition(standing: Standing) -> PartitionStage:
    """Return a partition of the stage in which this standing is known."""
    return rules_stage(standing=standing).open_partition(0)


class ReviewedWorld(World):
    """A world in which records on `reviews` come back into the stage too."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.count = 0

    def see(self, *events: BaseEvent) -> list[Output]:
        outputs = super().see(*events)
        return outputs + self.review(*_reviews(outputs))

    def review(self, *reviews: Any) -> list[Output]:
        """Apply reviews, and those that they lead to; return what went out."""
        found: list[Output] = []
        for each in reviews:
            outputs = self.fold(Topic.REVIEWS, each)
            found += outputs + self.review(*_reviews(outputs))
        return found

    def decide(self, of: Flag, step: ReviewStep, by: Reviewer = ANNA, **more: Any) -> list[Output]:
        """Take a step with the case of a of."""
        self.count += 1
        self.now += 1000
        fields: dict[str, Any] = {
            "id": f"review-{self.count}",
            "tenant": of.event.tenant,
            "time": Millis(self.now),
            "by": by,
            "group": of.event.group,
            "case": case_id(of.id),
            "flag": of.id,
            "member": of.event.member,
            "step": step,
        }
        return self.review(CaseReviewed(**{**fields, **more}))

    def decide_on(self, incident: Incident, step: ReviewStep, **more: Any) -> list[Output]:
        """Take a step with an incident."""
        self.count += 1
        return self.review(
            IncidentReviewed(
                id=f"review-{self.count}",
                tenant=incident.tenant,
                time=Millis(self.now),
                by=ANNA,
                fingerprint=incident.fingerprint,
                step=step,
                **more,
            )
        )

    def pass_time(self, flag: Flag, now: int) -> list[Output]:
        """Hand the stage the case's timer, if it is due."""
        case = self.case(flag)
        if case.due_at is None or case.due_at > now:
            return []
        due = Due(CASES, case_id(flag.id), case, Millis(now))
        return fold(self.stage, [due], self.documents)

    def case(self, flag: Flag) -> Case:
        case: Case = self.documents.by_key[CASES, case_id(flag.id)]
        return case

    @property
    def cases(self) -> list[Case]:
        return [doc for (kind, _), doc in self.documents.by_key.items() if kind is CASES]

    @property
    def incidents(self) -> list[Incident]:
        return [doc for (kind, _), doc in self.documents.by_key.items() if kind is INCIDENTS]

    @property
    def log(self) -> list[Entry]:
        """The audit log, in order; it is held to verify."""
        found = {id: doc for (kind, id), doc in self.documents.by_key.items() if kind is ENTRIES}
        return [found[id] for id in sorted(found)]

    def verified(self) -> Verification:
        """Read the audit log as a verification does."""
        verification = Verification()
        for entry in self.log:
            verification.add(to_builtins(entry))
        heads = [doc for (kind, _), doc in self.documents.by_key.items() if kind is HEADS]
        verification.end({0: heads[0]} if heads else {})
        return verification


def _reviews(outputs: list[Output]) -> list[Any]:
    return records(outputs, CaseReviewed) + records(outputs, IncidentSpread)
