"""How an erased member is forgotten in what rules keep. Pure.

The owner of the group's partition looks for what names them, a part at a time,
and changes it; incidents, which others own, it asks to be changed by a record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from services.rules.documents import FLAGS, MEMBER_RECORDS, member_id
from services.rules.erasure.nameless import (
    is_kept,
    nameless_case,
    nameless_flag,
    nameless_trial,
)
from services.rules.review.case import RULES, case_id
from services.rules.review.kinds import CASES
from services.rules.review.lessons import LessonBook
from services.rules.review.trust import TRUSTED, Trusted, trust_id
from services.rules.trials import TRIALS
from shared.erasures import Erasure, erasure_id
from shared.events import GroupId, MemberId, Millis, TenantId, derive_id
from shared.members import MemberErased
from shared.reviews import IncidentForgets
from shared.stream.contracts import Documents, Due, Key, Kind, Outcome, Output, Perform, Publish
from shared.topics import Topic

MOST_FOUND: Final = 100

ERASURES: Final = Kind("rule_erasures", Erasure, timed=True)


@dataclass(frozen=True, slots=True)
class FindTraces:
    """A task: find up to `MOST_FOUND` documents of each collection after these ids."""

    id: str
    tenant: TenantId
    group: GroupId
    member: MemberId
    until: Millis
    after: tuple[str, ...] = ("", "", "")


class Traces(Struct, frozen=True):
    """Ids of what names the member, ascending; of incidents, all their fingerprints at once."""

    flags: list[str] = []
    cases: list[str] = []
    trials: list[str] = []
    incidents: list[str] = []


class Forgetting:
    """Forgets members in one partition."""

    def __init__(self, partition: int) -> None:
        self._lessons = LessonBook(partition)

    def request_keys(self, request: MemberErased) -> Iterable[Key]:
        """Name what beginning to forget a member reads."""
        yield TRUSTED, trust_id(request.tenant, request.group, request.member)

    def keys(self, item: Due | Outcome) -> Iterable[Key]:
        """Name what going on reads."""
        if isinstance(item, Due):
            yield ERASURES, item.id
            return
        task, traces = item.task, item.result
        yield ERASURES, task.id
        yield self._lessons.key(task.tenant)
        yield TRUSTED, trust_id(task.tenant, task.group, task.member)
        if traces is not None:
            yield from ((FLAGS, id) for id in traces.flags)
            yield from ((CASES, case_id(id)) for id in traces.flags)
            yield from ((CASES, id) for id in traces.cases)
            yield from ((TRIALS, id) for id in traces.trials)

    def begin(self, request: MemberErased, documents: Documents) -> None:
        """Begin to forget a member: by a timer, so that all that came before is written."""
        tenant, group, member = request.tenant, request.group, request.member
        documents.remove(MEMBER_RECORDS, member_id(tenant, group, member))
        trusted = documents.get(TRUSTED, trust_id(tenant, group, member))
        if trusted is not None and trusted.since <= request.time:
            withdrawn = Trusted(
                tenant=tenant,
                group=group,
                member=member,
                trusted=False,
                since=request.time,
                by=RULES.key,
            )
            documents.put(TRUSTED, trust_id(tenant, group, member), withdrawn)
        documents.put(ERASURES, erasure_id(request), Erasure.asked(request, request.time))

    def due(self, due: Due, documents: Documents) -> list[Output]:
        """Look for all that names the member, from the beginning."""
        one: Erasure | None = documents.get(ERASURES, due.id)
        if one is None:
            return []
        documents.put(ERASURES, due.id, one.leased(due.now))
        return [Perform(FindTraces(due.id, one.tenant, one.group, one.member, one.until))]

    def found(self, outcome: Outcome, documents: Documents) -> list[Output]:
        """Forget the member in what was found; look on, look again later, or be done."""
        task: FindTraces = outcome.task
        traces: Traces | None = outcome.result
        erasure: Erasure | None = documents.get(ERASURES, task.id)
        if erasure is None or traces is None:
            return []
        self._forget_flags(task, traces, documents)
        self._forget_cases(task, traces, documents)
        for id in traces.trials:
            trial = documents.get(TRIALS, id)
            if trial is not None:
                documents.put(TRIALS, id, nameless_trial(trial))
        outputs: list[Output] = [
            Publish(Topic.REVIEWS, _forgets(task, fingerprint, erasure.looks, outcome.now))
            for fingerprint in traces.incidents
        ]
        if max(map(len, (traces.flags, traces.cases, traces.trials))) >= MOST_FOUND:
            documents.put(ERASURES, task.id, erasure.leased(outcome.now))
            return [*outputs, Perform(_following(task, traces))]
        self._looked(task, erasure, outcome.now, documents)
        return outputs

    @staticmethod
    def _looked(task: FindTraces, erasure: Erasure, now: Millis, documents: Documents) -> None:
        again = erasure.looked(now)
        if again is not None:
            documents.put(ERASURES, task.id, again)
            return
        documents.remove(ERASURES, task.id)
        trust = trust_id(task.tenant, task.group, task.member)
        known = documents.get(TRUSTED, trust)
        if known is not None and not known.trusted:
            documents.remove(TRUSTED, trust)

    @staticmethod
    def _forget_flags(task: FindTraces, traces: Traces, documents: Documents) -> None:
        for id in traces.flags:
            noted = documents.get(FLAGS, id)
            if noted is not None and not is_kept(noted.flag, documents.get(CASES, case_id(id))):
                documents.put(FLAGS, id, nameless_flag(noted, task.member))

    def _forget_cases(self, task: FindTraces, traces: Traces, documents: Documents) -> None:
        for id in traces.cases:
            case = documents.get(CASES, id)
            if case is None or is_kept(case.evidence.flag, case):
                continue
            if case.member == task.member and case.lesson is not None:
                self._lessons.keep(documents, id, case, None, task.until)
            documents.put(CASES, id, nameless_case(case, task.member))


def _forgets(task: FindTraces, fingerprint: str, look: int, now: Millis) -> IncidentForgets:
    return IncidentForgets(
        id=derive_id(task.id, fingerprint, str(look), "forget"),
        tenant=task.tenant,
        time=now,
        by=RULES,
        fingerprint=fingerprint,
        group=task.group,
        member=task.member,
    )


def _following(task: FindTraces, traces: Traces) -> FindTraces:
    lists = (traces.flags, traces.cases, traces.trials)
    after = tuple(ids[-1] if ids else last for ids, last in zip(lists, task.after, strict=True))
    return FindTraces(task.id, task.tenant, task.group, task.member, task.until, after)
