"""docs/campaigns.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from services.notify.campaigns import progress, relaying, sends, template
from services.notify.campaigns.audience import MOST_WATCHES
from services.notify.campaigns.schedule import LEAST_MINUTES_APART
from services.notify.campaigns.schemas import AudienceBody, NewCampaign, NewRelay, ScheduleBody
from shared.campaigns import Move
from shared.frequency import HORIZON_SECONDS, MOST_REMEMBERED, Hindrance

PAGE = (Path(__file__).parents[4] / "docs" / "campaigns.md").read_text()


def table(heading: str) -> dict[str, list[str]]:
    """Return the rows of the table with this first heading, by their first cell."""
    [body] = re.findall(rf"^\| {heading} \|.*\n\| ---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    rows = [line.strip("| ").split(" | ") for line in body.splitlines()]
    return {row[0].strip("`"): row[1:] for row in rows}


def test_its_states_and_what_can_be_asked_are_the_codes() -> None:
    told = re.findall(r"^\| `(\w+)` \| [^|]+ \|([^|]*)\|$", PAGE, re.MULTILINE)
    states = {name: set(re.findall(r"\w+", asked)) for name, asked in told}
    for state in progress.State:
        asked = {move.value for move in Move if state in progress.FROM[move]}
        asked |= {"rewrite"} if state in progress.EDITABLE else set()
        assert states[state] == asked, state


def test_what_becomes_of_messages_is_the_codes() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", PAGE, re.MULTILINE))
    for state in sends.State:
        assert state in rows
    for hindrance in Hindrance:
        assert f"`{hindrance}`" in rows["skipped"]


def test_its_names_filters_and_signals_are_the_codes() -> None:
    assert set(table("name")) == template.BUILT_IN
    assert set(table("signal")) == set(relaying.SIGNALS)
    assert all(f"`{name}`" in PAGE for name in template.FILTERS | relaying.NAMES)


def test_its_fields_are_the_codes() -> None:
    assert set(table("`audience`")) == set(AudienceBody.model_fields)
    told = {name for row in table("`schedule`") for name in re.findall(r"\w+", row)}
    assert told - {"nothing"} == set(ScheduleBody.model_fields)


def test_its_figures_are_the_codes() -> None:
    fields = NewCampaign.model_fields
    assert f"`wait_minutes` ({fields['wait_minutes'].default})" in PAGE
    assert f"({ScheduleBody.model_fields['grace_minutes'].default})" in PAGE
    assert f"`delay_seconds` ({NewRelay.model_fields['delay_seconds'].default})" in PAGE
    assert f"at most every {LEAST_MINUTES_APART} minutes" in PAGE
    assert f"The last {MOST_REMEMBERED}\nmessages of {HORIZON_SECONDS // 86_400} days" in PAGE
    assert f"At most {MOST_WATCHES} watches" in PAGE
    assert f"a message {template.MOST_CHARACTERS:,}" in PAGE
    assert f"are kept for {sends.KEPT.days} days" in PAGE
