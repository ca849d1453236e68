"""What an operator has written for the groups of the sample day: campaigns, personas, rules."""

from __future__ import annotations

from typing import Any, Final

PACK: Final = """\
name: demo
extends: default

thresholds: {watch: 0.25, warn: 0.4, delete: 0.6}

windows:
  - {name: offers_1h, span: 1h, of: [message], by: [member], when: text.pitch > 1}

rules:
  - name: second_hand
    label: advertising
    weight: 0.35
    when: text.resale > 0 && text.money > 0 && window.offers_1h > 1
    because: offers second-hand goods again and again
  - name: code_review
    label: advertising
    weight: -0.2
    when: pattern.pull_request
    because: asks for a review of code, which is what the group is for

patterns:
  - {name: pull_request, matches: 'pull request|代码评审'}
"""
PERSONAS: Final[dict[str, Any]] = {
    "lan": {"name": "小岚", "signature": "—— 小岚", "voice": {"hello": "嗨嗨"}},
    "wei": {"name": "阿伟", "signature": "—— 阿伟", "voice": {"hello": "各位好"}},
}
SEGMENTS: Final[dict[str, Any]] = {
    "talkers": {"name": "Talkers", "condition": "messages > 20", "actions": False},
    "newcomers": {"name": "Newcomers", "condition": "days_since_arrival < 7", "actions": False},
}
READING: Final[dict[str, Any]] = {
    "name": "Reading circle",
    "audience": {"recipients": [{"group": "reading"}, {"group": "python"}]},
    "content": {
        "text": "{{ persona.hello }}, tonight at {{ starts_at }} we read {{ book }}.",
        "variables": {"book": "A Pattern Language"},
        "persona": "lan",
    },
    "schedule": {
        "cron": "0 20 * * 3,6",
        "zone": "Asia/Shanghai",
        "reminders": [
            {"minutes_before": 1_440, "text": "Tomorrow at {{ starts_at }}: {{ book }}."},
            {"minutes_before": 60, "text": "In an hour: {{ book }}."},
        ],
    },
    "frequency": {"quiet": {"start": "22:30", "end": "08:00", "zone": "Asia/Shanghai"}},
}
MORNING: Final[dict[str, Any]] = {
    "name": "Good morning",
    "audience": {"every_group": True},
    "content": {"text": "{{ persona.hello }}，今天是 {{ date }}。", "persona": "wei"},
    "schedule": {"cron": "30 7 * * 1-5", "zone": "Asia/Shanghai"},
}
WALK: Final[dict[str, Any]] = {
    "name": "To the lake",
    "audience": {"segments": ["talkers"], "groups": ["hiking", "photography", "python", "fruit"]},
    "content": {
        "text": "{{ member.name | default('Hello') }}, on Saturday we walk to the lake.",
        "variants": [
            {"text": "Your first walk with us? Saturday, to the lake.", "segments": ["newcomers"]}
        ],
        "persona": "lan",
    },
    "per_minute": 6_000,
    "holdout": 0.2,
}
HILLS: Final = {**WALK, "name": "To the hills"}
CAMPAIGNS: Final = (WALK, READING, MORNING, HILLS)
"""Sent, planned twice a week, planned every working day, and a draft."""
