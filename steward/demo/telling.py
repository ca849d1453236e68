"""What a run comes to: the figures that `summary.json` holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from steward.demo.board import GroupState, Leader
from steward.demo.findings import Findings
from steward.demo.story import Day


@dataclass
class Figures:
    """The figures of a run.

    `events_*` count distinct events; `events_refused` are messages that the
    platform kept back because Steward had muted their author. `lost` is what
    was accepted and is not in scoring's state.
    """

    tenant: str
    seconds: float
    events_sent: int
    events_accepted: int
    events_processed: int
    events_refused: int
    events_repeated: int
    duplicates_dropped: int
    dead_letters: int
    flags: int
    flags_by_label: dict[str, int]
    actions_by_kind: dict[str, int]
    deliveries_ok: int
    deliveries_failed: int
    deliveries_pending: int
    delivery_mean_ms: float
    webhooks_refused: int
    webhooks_repeated: int
    groups: int
    members: int
    retries: int
    restarts: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Events that were accepted and did not come to be counted."""
        return self.events_accepted - self.events_processed


@dataclass(frozen=True)
class Told:
    """A day that has been told: its figures, and what Steward made of it.

    `alerts` are the warnings about each group: their text by their kind.
    """

    day: Day
    figures: Figures
    findings: Findings
    groups: tuple[GroupState, ...]
    leaders: tuple[Leader, ...]
    alerts: dict[str, dict[str, str]]
    welcomed: int
    answered: int

    @property
    def failures(self) -> list[str]:
        """Why the run does not count as a success; empty when it does."""
        figures = self.figures
        refused = figures.events_sent - figures.events_accepted
        wrong = {
            f"{refused} events were not accepted": refused != 0,
            f"{figures.lost} accepted events were not counted": figures.lost != 0,
            f"{figures.dead_letters} records failed": figures.dead_letters > 0,
            f"{figures.deliveries_failed} webhooks were not delivered": figures.deliveries_failed,
            f"{figures.deliveries_pending} webhooks are still under way": (
                figures.deliveries_pending
            ),
            "nothing was flagged": not figures.flags,
        }
        return [reason for reason, holds in wrong.items() if holds]


def write(told: Told, path: Path) -> None:
    """Write the run down as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(_document(told)), indent=2) + b"\n")


def _document(told: Told) -> dict[str, Any]:
    findings = told.findings
    alarms: Counter[str] = Counter(
        label for alarm in findings.false_alarms for label in alarm.labels
    )
    return {
        **msgspec.to_builtins(told.figures),
        "lost": told.figures.lost,
        "scenes": {
            finding.scene.id: {
                "found": finding.found,
                "planted": finding.planted,
                "flagged": finding.flagged,
                "labels": {str(label): count for label, count in finding.labels.most_common()},
            }
            for finding in findings.scenes
        },
        "false_alarms": len(findings.false_alarms),
        "false_alarms_acted_on": sum(alarm.acted for alarm in findings.false_alarms),
        "false_alarms_by_label": dict(alarms.most_common()),
        "lookalikes": findings.lookalikes,
        "lookalikes_passed": findings.lookalikes_passed,
        "newcomers": len(told.day.arrivals),
        "newcomers_welcomed": told.welcomed,
        "routine_questions": len(told.day.routine),
        "routine_questions_answered": told.answered,
        "alerts": {group: sorted(alerts) for group, alerts in told.alerts.items()},
        "failures": told.failures,
    }
