"""REST: the queue of cases, what moderators do with them, and members' appeals."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from msgspec import Struct

from services.rules.outcome import accused
from services.rules.review.asking import Asking, now, refused, review_id, reviewer
from services.rules.review.case import (
    TOO_LATE,
    Case,
    CaseState,
    Reason,
    case_id,
    refusal,
)
from services.rules.review.schemas import (
    Accepted,
    AppealBody,
    AssignBody,
    BulkAnswer,
    BulkBody,
    BulkResult,
    CaseAnswer,
    CasePage,
    CaseSummary,
    ConfirmBody,
    OpenBody,
    OverturnBody,
)
from services.rules.review.store import CaseStore
from services.rules.rule_sets.catalog import RuleSets
from services.rules.store import FlagStore
from shared.events import TenantId
from shared.reviews import CaseReviewed, Reviewer, ReviewStep, Teaches
from shared.verdicts import Decision, Label
from shared.web.auth import key_with, tenant_with
from shared.web.keys import ApiKey
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound
from shared.web.scopes import Scope

Reviewing = Annotated[TenantId, tenant_with(Scope.REVIEW)]
ReviewingKey = Annotated[ApiKey, key_with(Scope.REVIEW)]
SendingKey = Annotated[ApiKey, key_with(Scope.EVENTS_WRITE)]
Sort = Annotated[
    Literal["risk", "age"],
    Query(description="`risk`: what matters most first; `age`: what has waited longest first."),
]
State = Annotated[
    CaseState | None, Query(description="Without it: cases that wait for a decision.")
]


class _Step(Struct, frozen=True):
    """What a step's body says, whichever step it is."""

    moderator: str
    note: str
    assignee: str = ""
    decision: Decision = Decision.ALLOW
    seconds: int = 0
    teaches: Teaches = Teaches.AUTO


class CaseRoom:
    """Takes steps with a tenant's cases, as requests ask for them."""

    def __init__(
        self, cases: CaseStore, flags: FlagStore, asking: Asking, rule_sets: RuleSets
    ) -> None:
        self.cases = cases
        self._flags = flags
        self._asking = asking
        self._rule_sets = rule_sets

    async def case(self, tenant: TenantId, id: str) -> Case:
        """Return a case. Raises `NotFound`."""
        case = await self.cases.get(tenant, id)
        if case is None:
            raise NotFound("There is no such case.")
        return case

    async def take(self, key: ApiKey, id: str, step: ReviewStep, said: _Step) -> Accepted:
        """Take a step with a case. Raises `NotFound`, and `Problem` (409) if it is refused."""
        case = await self.case(key.tenant, id)
        review = _of_case(id, case, step, reviewer(key, said.moderator), said)
        await self._asking.case(case, review)
        return Accepted(case=id, review=review.id)

    async def bulk(self, key: ApiKey, body: BulkBody) -> list[BulkResult]:
        """Take one step with many cases."""
        found = await self.cases.many(key.tenant, body.cases)
        by, results = reviewer(key, body.moderator), []
        said = _Step(
            body.moderator, body.note, body.assignee, body.decision, body.seconds, body.teaches
        )
        for id in dict.fromkeys(body.cases):
            case = found.get(id)
            if case is None:
                results.append(BulkResult(case=id, refused="there is no such case"))
                continue
            review = _of_case(id, case, ReviewStep(body.step), by, said)
            why_not = refusal(case, review)
            if why_not is None:
                await self._asking.write(review)
            done = None if why_not else review.id
            results.append(BulkResult(case=id, review=done, refused=why_not))
        return results

    async def from_flag(
        self, key: ApiKey, flag: str, step: ReviewStep, by: Reviewer | None, note: str
    ) -> Accepted:
        """Take a step with the case of a flag, which may not be open yet; `by` nobody: the member.

        Raises `NotFound`, and `Problem` (409) if it is refused.
        """
        noted = await self._flags.noted(key.tenant, flag)
        if noted is None:
            raise NotFound("There is no such flag.")
        id = noted.case or case_id(flag)
        case = await self.cases.get(key.tenant, id)
        event = noted.flag.event
        member = case.member if case is not None else accused(event) or event.member
        who = by or Reviewer(key.id, f"member:{member}"[:200])
        review = CaseReviewed(
            id=review_id(id, who, 0 if case is None else len(case.steps), step, note),
            tenant=key.tenant,
            time=now(),
            by=who,
            note=note,
            group=noted.group,
            case=id,
            flag=flag,
            member=member,
            step=step,
        )
        if case is None and step is ReviewStep.APPEALED:
            appeals = self._rule_sets.of(key.tenant).pack.appeals
            if review.time > appeals.until(noted.moment):
                raise refused(TOO_LATE)
        await self._asking.case(case, review)
        return Accepted(case=id, review=review.id)


def case_routes(room: CaseRoom) -> APIRouter:
    """Return the routes that show cases."""
    router = APIRouter(tags=["review"])

    @router.get("/cases")
    async def page(
        tenant: Reviewing,
        state: State = None,
        reason: Reason | None = None,
        group: str | None = None,
        member: str | None = None,
        assignee: str | None = None,
        label: Label | None = None,
        overdue: bool | None = None,
        sort: Sort = "risk",
        limit: Limit = 50,
        after: After = None,
    ) -> CasePage:
        """List the cases that wait for a decision, or those in a state."""
        given = {
            "state": state,
            "reason": reason,
            "group": group,
            "member": member,
            "assignee": assignee,
            "labels": label,
            "overdue": overdue,
        }
        wanted = {name: value for name, value in given.items() if value is not None}
        field = "rank" if sort == "risk" else "opened_at"
        found = await room.cases.page(tenant, wanted, field, sort == "age", after, limit)
        end = next_cursor([(getattr(case, field), id) for id, case in found], limit)
        return CasePage(items=[CaseSummary.of(id, case) for id, case in found], next=end)

    @router.get("/cases/{id}")
    async def get(tenant: Reviewing, id: str) -> CaseAnswer:
        """Tell a case with its evidence, frozen when it was opened, and all that was done."""
        return CaseAnswer.of(id, await room.case(tenant, id))

    return router


def decision_routes(room: CaseRoom) -> APIRouter:
    """Return the routes by which moderators decide and members appeal."""
    router = APIRouter(tags=["review"])

    @router.post("/cases/{id}:assign", status_code=202)
    async def assign(key: ReviewingKey, id: str, body: AssignBody) -> Accepted:
        """Say who looks at a case."""
        said = _Step(body.moderator, body.note, assignee=body.assignee)
        return await room.take(key, id, ReviewStep.ASSIGNED, said)

    @router.post("/cases/{id}:confirm", status_code=202)
    async def confirm(key: ReviewingKey, id: str, body: ConfirmBody) -> Accepted:
        """Decide that a verdict or report was right; ask for more than was done, if need be."""
        said = _Step(body.moderator, body.note, "", body.decision, body.seconds, body.teaches)
        return await room.take(key, id, ReviewStep.CONFIRMED, said)

    @router.post("/cases/{id}:overturn", status_code=202)
    async def overturn(key: ReviewingKey, id: str, body: OverturnBody) -> Accepted:
        """Decide that a verdict was wrong: every action is reversed, points are given back."""
        said = _Step(body.moderator, body.note, teaches=body.teaches)
        return await room.take(key, id, ReviewStep.OVERTURNED, said)

    @router.post("/cases:bulk")
    async def bulk(key: ReviewingKey, body: BulkBody) -> BulkAnswer:
        """Take one step with many cases, and tell of each what became of it."""
        return BulkAnswer(results=await room.bulk(key, body))

    @router.post("/flags/{id}:review", status_code=202)
    async def review(key: ReviewingKey, id: str, body: OpenBody) -> Accepted:
        """Open a case for a flag that has none."""
        by = reviewer(key, body.moderator)
        return await room.from_flag(key, id, ReviewStep.OPENED, by, body.note)

    @router.post("/flags/{id}:appeal", status_code=202)
    async def appeal(key: SendingKey, id: str, body: AppealBody) -> Accepted:
        """Appeal, for the member, against a flag: once, within 14 days."""
        return await room.from_flag(key, id, ReviewStep.APPEALED, None, body.note)

    return router


def _of_case(id: str, case: Case, step: ReviewStep, by: Reviewer, said: _Step) -> CaseReviewed:
    told = (step, said.note, said.assignee, said.decision, said.teaches)
    return CaseReviewed(
        id=review_id(id, by, len(case.steps), *told),
        tenant=case.tenant,
        time=now(),
        by=by,
        note=said.note,
        group=case.group,
        case=id,
        flag=case.flag,
        member=case.member,
        step=step,
        assignee=said.assignee,
        decision=said.decision,
        seconds=said.seconds,
        teaches=said.teaches,
    )
