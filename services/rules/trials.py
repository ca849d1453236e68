"""Trials: what rules that are not in force yet would have said, kept to be compared.

A trial never acts by itself. Where a candidate is in force as a canary, what was in
force before is what is tried, and the comparison goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from services.rules.verdict import Verdict
from shared.events import BaseEvent, Group, Member, Millis, Tenant, derive_id
from shared.stream.contracts import Kind
from shared.verdicts import Decision, Label

RETENTION: Final = timedelta(days=14)
"""How long what a trial said is kept."""


class Said(Struct, frozen=True, kw_only=True):
    """A verdict, as far as verdicts are compared."""

    rule_set: str
    decision: Decision
    risk: float
    labels: list[Label]
    rules: list[str]


class TrialVerdict(Struct, frozen=True, kw_only=True):
    """What two rule sets said of one event: `candidate` and `settled`, which it may replace.

    `acted` says that the candidate's verdict was the one that counted; `flag` is
    the id of the flag that the verdict that counted led to, if it led to one.
    """

    tenant: Tenant
    group: Group
    member: Member
    event: str
    time: Millis
    version: str
    acted: bool
    settled: Said
    candidate: Said
    flag: str
    expires_at: datetime


TRIALS: Final = Kind("trial_verdicts", TrialVerdict)


def in_share(tenant: str, group: str, version: str, share: int) -> bool:
    """Whether a group is among the `share` percent in which a version is tried in earnest."""
    digest = hashlib.blake2b(f"{tenant}\x1f{group}\x1f{version}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % 100 < share


def trial_id(event: BaseEvent, version: str) -> str:
    """Return the `_id` of what a version said of an event."""
    return derive_id(event.identity, "trial", version)


def compared(
    event: BaseEvent, version: str, settled: Verdict, candidate: Verdict, acted: bool
) -> TrialVerdict | None:
    """Return what is kept of two verdicts on an event; nothing where neither saw anything."""
    if not (settled.noteworthy or candidate.noteworthy):
        return None
    counted = candidate if acted else settled
    return TrialVerdict(
        tenant=event.tenant,
        group=event.group,
        member=event.member,
        event=event.id,
        time=event.time,
        version=version,
        acted=acted,
        settled=_said(settled),
        candidate=_said(candidate),
        flag=derive_id(event.identity, "verdict") if counted.noteworthy else "",
        expires_at=datetime.fromtimestamp(event.time / 1000, UTC) + RETENTION,
    )


def _said(verdict: Verdict) -> Said:
    return Said(
        rule_set=verdict.rule_set,
        decision=verdict.decision,
        risk=verdict.risk,
        labels=verdict.labels,
        rules=[hit.rule for hit in verdict.hits],
    )


ACTING: Final = frozenset(Decision) - {Decision.ALLOW, Decision.WATCH}
"""Decisions that ask for something."""


class Tally(Struct, frozen=True, kw_only=True):
    """Events of which both, one or none of the rule sets would have asked for something.

    `confirmed` and `overturned` are how many of them moderators decided on.
    """

    settled: bool
    candidate: bool
    events: int
    confirmed: int = 0
    overturned: int = 0


class Comparison(Struct, frozen=True, kw_only=True):
    """A candidate beside what it may replace. A share of nothing is None."""

    both: int
    only_settled: int
    only_candidate: int
    overlap: float | None
    """Of the events on which one acts, the share on which both do (Jaccard)."""
    settled_precision: float | None
    candidate_precision: float | None
    """Of those that it acts on and that moderators decided, the share that they confirmed."""


def comparison(tallies: Sequence[Tally]) -> Comparison:
    """Return what tallies come to."""
    counts = {(each.settled, each.candidate): each.events for each in tallies}
    both, settled, candidate = (
        counts.get(key, 0) for key in ((True, True), (True, False), (False, True))
    )
    return Comparison(
        both=both,
        only_settled=settled,
        only_candidate=candidate,
        overlap=_share(both, both + settled + candidate),
        settled_precision=_precision([each for each in tallies if each.settled]),
        candidate_precision=_precision([each for each in tallies if each.candidate]),
    )


def too_disputed(actions: int, disputed: int, least_actions: int, most_disputed: float) -> bool:
    """Whether so many of a canary's actions were overturned or appealed that it must go.

    `most_disputed` is in percent, and counts from `least_actions` actions on.
    """
    return actions >= max(least_actions, 1) and 100 * disputed / actions > most_disputed


def _precision(tallies: Sequence[Tally]) -> float | None:
    confirmed = sum(each.confirmed for each in tallies)
    return _share(confirmed, confirmed + sum(each.overturned for each in tallies))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
