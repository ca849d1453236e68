"""Messages of yesterday, and flags on them."""

from __future__ import annotations

import time
from typing import Any

from msgspec.structs import replace

from shared.events import MessagePosted
from shared.verdicts import Flag, Label
from tests.unit.scoring import builders

DAY = 86_400_000
NOW = int(time.time() * 1000)


def said(number: int, member: str, **more: Any) -> MessagePosted:
    fields: dict[str, Any] = {
        "id": f"e{number}",
        "time": NOW - DAY + number * 1000,
        "group": "读书会/一群",
        "message": f"m{number}",
        "text": "大家觉得这一章的观点怎么样？",
    }
    return builders.said(member, **{**fields, **more})


def spam(event: MessagePosted) -> Flag:
    flag = builders.spam(event)
    return replace(flag, id=f"f-{event.id}", labels=[Label.GAMBLING], risk=0.97)
