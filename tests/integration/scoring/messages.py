"""Messages of yesterday, and flags on them."""

from __future__ import annotations

import time
from typing import Any

from shared.events import MessagePosted
from shared.verdicts import Decision, Flag, Label

DAY = 86_400_000
NOW = int(time.time() * 1000)


def said(number: int, member: str, **more: Any) -> MessagePosted:
    fields: dict[str, Any] = {
        "id": f"e{number}",
        "source": "test",
        "tenant": "acme",
        "group": "读书会/一群",
        "member": member,
        "time": NOW - DAY + number * 1000,
        "message": f"m{number}",
        "text": "大家觉得这一章的观点怎么样？",
    }
    return MessagePosted(**{**fields, **more})


def spam(event: MessagePosted) -> Flag:
    return Flag(
        id=f"f-{event.id}",
        event=event,
        time=event.time,
        labels=[Label.GAMBLING],
        risk=0.97,
        decision=Decision.DELETE,
        spam=True,
        rule_set="test",
    )
