"""Messages of every day, as moderators of any community would judge them.

They stand in for an outcome that a tenant's moderators have taught little of:
what is flagged is mostly bad, so that verdicts on flags alone say nothing of
how people talk otherwise.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from services.rules.data import table
from services.rules.observation import Observation, observe
from shared.events import GroupId, MemberId, MessageId, MessagePosted, Millis, TenantId

_OUTCOMES: Final = {"let_be": False, "acted_on": True}


@cache
def everyday() -> dict[bool, list[Observation]]:
    """Return the shipped sample by whether its messages are to be acted on."""
    messages = table("everyday")
    return {
        bad: [_observed(line) for line in messages[part].splitlines()]
        for part, bad in _OUTCOMES.items()
    }


def _observed(text: str) -> Observation:
    event = MessagePosted(
        id="everyday",
        source="everyday",
        tenant=TenantId(""),
        group=GroupId(""),
        member=MemberId(""),
        time=Millis(0),
        message=MessageId("everyday"),
        text=text,
    )
    return observe(event)
