"""What is measured of campaigns."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter

SENDS: Final = Counter(
    "steward_notify_campaign_sends_total",
    "Messages of campaigns and relays that came to an end, by state.",
    ["state"],
)
RELAYED: Final = Counter(
    "steward_notify_relays_total",
    "Messages that relays took up, by what became of them before they were passed on.",
    ["result"],
)
