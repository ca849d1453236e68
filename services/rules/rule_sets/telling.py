"""What the audit log is told of changes of rule sets."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.rules.rule_sets.versions import (
    DISPUTED,
    ENDED,
    RULE_DISPUTED,
    Change,
    Deployment,
    Mode,
    Published,
    Trial,
)
from shared.events import Millis, TenantId, derive_id
from shared.reviews import Audited, Reviewer

SHIPPED: Final = "shipped"
"""What the log calls the rule set of tenants without one of their own."""

WHAT: Final = {
    "activated": "rule_set.activated",
    "reset": "rule_set.reset",
    "rolled back": "rule_set.rolled_back",
    Mode.SHADOW.value: "trial.started",
    Mode.CANARY.value: "trial.started",
    ENDED: "trial.ended",
    DISPUTED: "trial.rolled_back",
    RULE_DISPUTED: "rule.withdrawn",
}
"""How the log calls each reason of a change."""


def told_of_version(version: Published) -> Audited:
    """Return what is told of a version that was published; the same each time it is."""
    told = {"note": version.note[:200]} if version.note else {}
    at, by = version.created_at, version.created_by
    return _told(version.tenant, "rule_set.published", version.version, at, by, told)


def told_of_change(deployment: Deployment) -> Audited | None:
    """Return what is told of the latest change of what is in force, if there was one.

    A request that is repeated because Kafka was away tells the same again, under
    the same id.
    """
    if not deployment.changes:
        return None
    change = deployment.changes[-1]
    told = {"rule": change.rule} if change.rule else _trial(change, deployment.trial)
    subject = change.version or SHIPPED
    return _told(deployment.tenant, WHAT[change.why], subject, change.at, change.by, told)


def _trial(change: Change, trial: Trial | None) -> dict[str, str]:
    if trial is None or change.why not in tuple(Mode):
        return {}
    share = {"share": str(trial.share)} if trial.mode is Mode.CANARY else {}
    return {"mode": trial.mode.value, **share}


def _told(
    tenant: TenantId, what: str, subject: str, at: datetime, by: str, detail: dict[str, str]
) -> Audited:
    time = Millis(int(at.timestamp() * 1000))
    return Audited(
        id=derive_id(tenant, what, subject, str(time)),
        tenant=tenant,
        time=time,
        by=Reviewer(by),
        what=what,
        subject=subject,
        detail=detail,
    )
