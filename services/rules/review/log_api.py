"""REST: who is trusted, how often people agreed with rules, the audit log, evidence bundles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from services.rules.review.api import Reviewing, ReviewingKey
from services.rules.review.asking import Asking, now, review_id, reviewer
from services.rules.review.bundle import bundle
from services.rules.review.case import case_id
from services.rules.review.log_schemas import (
    BundleAnswer,
    Change,
    EntryAnswer,
    EntryPage,
    PrecisionAnswer,
    TallyAnswer,
    TrustBody,
    TrustedAnswer,
    TrustedPage,
    VerificationAnswer,
)
from services.rules.review.precision import Tally
from services.rules.review.store import AuditStore, CaseStore, StandingStore
from services.rules.review.trust import trust_id
from services.rules.store import FlagStore
from shared.events import GroupId, MemberId, Millis
from shared.reviews import TrustChanged
from shared.web.auth import Tenanted
from shared.web.keys import ApiKey
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound

InGroup = Annotated[
    str | None, Query(max_length=200, description="Only in this group; without it, in all.")
]
Since = Annotated[AwareDatetime | None, Query(description="Only entries since then.")]


def trust_routes(standing: StandingStore, asking: Asking) -> APIRouter:
    """Return the routes under `/trusted`."""
    router = APIRouter(tags=["review"])

    async def change(
        key: ApiKey, member: str, group: str | None, trusted: bool, said: TrustBody
    ) -> Change:
        by, time = reviewer(key, said.moderator), now()
        record = TrustChanged(
            id=review_id(member, by, time, group or "", str(trusted)),
            tenant=key.tenant,
            time=time,
            by=by,
            note=said.note,
            member=MemberId(member),
            trusted=trusted,
            group=None if group is None else GroupId(group),
        )
        await asking.write(record)
        return Change(review=record.id)

    @router.get("/trusted")
    async def page(tenant: Reviewing, limit: Limit = 50, after: After = None) -> TrustedPage:
        """List the members whom nothing is done against."""
        found = await standing.page(tenant, after, limit)
        end = next_cursor([(0, id) for id, _ in found], limit)
        return TrustedPage(items=[TrustedAnswer.of(each) for _, each in found], next=end)

    @router.put("/trusted/{member}", status_code=202)
    async def trust(
        key: ReviewingKey, member: str, body: TrustBody, group: InGroup = None
    ) -> Change:
        """Trust a member: verdicts on them are watched by people, and nothing is done."""
        return await change(key, member, group, True, body)

    @router.delete("/trusted/{member}", status_code=202)
    async def distrust(key: ReviewingKey, member: str, group: InGroup = None) -> Change:
        """Trust a member no longer."""
        if not await standing.is_trusted(key.tenant, trust_id(key.tenant, group, member)):
            raise NotFound("The member is not trusted there.")
        return await change(key, member, group, False, TrustBody())

    return router


def log_routes(audit: AuditStore, cases: CaseStore, flags: FlagStore) -> APIRouter:
    """Return the routes of figures, the audit log and evidence."""
    router = APIRouter(tags=["review"])

    @router.get("/precision")
    async def precision(tenant: Tenanted) -> PrecisionAnswer:
        """Tell how often people agreed with each rule, and with each member who reports."""
        rules = await cases.tallies(tenant, "rules")
        copies = await cases.confirmed_copies(tenant)
        reporters = await cases.tallies(tenant, "reporters")
        return PrecisionAnswer(
            rules=[TallyAnswer.of(tally) for tally in _with_copies(rules, copies)],
            reporters=[TallyAnswer.of(tally) for tally in reporters],
        )

    @router.get("/audit")
    async def page(
        tenant: Reviewing,
        subject: str | None = None,
        what: str | None = None,
        since: Since = None,
        limit: Limit = 50,
        after: After = None,
    ) -> EntryPage:
        """List what was done, by whom, latest first."""
        given = {"subject": subject, "what": what}
        wanted = {name: value for name, value in given.items() if value}
        start = Millis(0 if since is None else int(since.timestamp() * 1000))
        found = await audit.page(tenant, wanted, start, after, limit)
        end = next_cursor([(entry.time, id) for id, entry in found], limit)
        return EntryPage(items=[EntryAnswer.of(entry) for _, entry in found], next=end)

    @router.get("/audit/verification")
    async def verification(tenant: Reviewing) -> VerificationAnswer:
        """Read the whole audit log and tell whether its chains hold."""
        return VerificationAnswer.of(*await audit.verify(tenant))

    @router.get("/flags/{id}/bundle")
    async def evidence(key: ReviewingKey, id: str) -> BundleAnswer:
        """Put together the evidence of a flag for an authority, as a chain of hashes."""
        noted = await flags.noted(key.tenant, id)
        if noted is None:
            raise NotFound("There is no such flag.")
        of = noted.case or case_id(id)
        case = await cases.get(key.tenant, of)
        entries = await audit.about(key.tenant, of)
        items = bundle(noted, case, entries, now(), key.id)
        return BundleAnswer(items=items, hash=items[-1]["hash"])

    return router


def _with_copies(rules: list[Tally], copies: int) -> list[Tally]:
    """Return the tallies with the copies of confirmed campaigns, which have no cases."""
    if not copies:
        return rules
    of_campaigns = next((t for t in rules if t.name == "campaign"), Tally("campaign", 0, 0))
    confirmed = Tally("campaign", of_campaigns.confirmed + copies, of_campaigns.overturned)
    others = [tally for tally in rules if tally.name != "campaign"]
    return sorted([*others, confirmed], key=lambda tally: tally.name)
