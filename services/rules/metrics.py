"""What the rules service counts."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Histogram

CHECKS: Final = Counter(
    "steward_rules_checks_total", "Texts judged by request, by decision.", ["decision"]
)
OPINIONS: Final = Counter(
    "steward_rules_opinions_total",
    "Opinions that a language model was to give, by what came of it.",
    ["came"],
)
OPINION_SECONDS: Final = Histogram(
    "steward_rules_opinion_seconds",
    "Time that a language model took, failures included.",
    buckets=(0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60),
)
CHECK_SECONDS: Final = Histogram(
    "steward_rules_check_seconds",
    "Time to judge one text by request.",
    buckets=(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05),
)
