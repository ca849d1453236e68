"""The tables of docs/profiles.md and docs/segments.md are those of the code."""

from __future__ import annotations

import json
from pathlib import Path

from services.scoring.profiles.attributes import AttributeType
from services.scoring.profiles.steps import STEPS
from services.scoring.segments import event_signals, signals

DOCS = Path(__file__).parents[4] / "docs"


def rows(page: str, after: str) -> list[str]:
    """Return the rows of the first table behind a heading of its columns."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    at = lines.index(after) + 2
    end = next(n for n in range(at, len(lines)) if not lines[n].startswith("|"))
    return lines[at:end]


def test_every_signal_of_members_is_in_the_table() -> None:
    expected = [
        f"| `{name}` | `{json.dumps(value)}` | {meaning} |"
        for name, (value, meaning) in signals.MEANINGS.items()
    ]
    shown = rows("segments.md", "| signal | for nobody | what it says |")
    assert [row for row in shown if "attribute.NAME" not in row] == expected


def test_every_signal_of_events_is_in_the_table() -> None:
    shown = rows("profiles.md", "| signal | what it says |")
    assert shown == [
        f"| `{name}` | {meaning} |" for name, (_, meaning) in event_signals.MEANINGS.items()
    ]


def test_every_step_is_in_the_table() -> None:
    shown = rows("profiles.md", "| step | on a day with |")
    assert shown == [f"| `{name}` | {meaning} |" for name, meaning in STEPS.items()]


def test_every_type_of_attributes_is_in_the_table() -> None:
    shown = rows("profiles.md", "| type | values |")
    assert [row.split("`")[1] for row in shown] == [each.value for each in AttributeType]
