"""When people are awake: how a day's doings spread over its hours."""

from __future__ import annotations

from random import Random
from typing import Final

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR

CHATTING: Final = (
    1.6, 0.7, 0.3, 0.2, 0.2, 0.7, 3.0, 6.0, 6.6, 5.6, 5.2, 5.8,
    8.2, 5.4, 4.0, 4.2, 4.4, 5.4, 6.4, 8.0, 10.0, 10.8, 7.4, 3.6,
)  # fmt: skip
"""Weight of each hour in talk: morning, lunch, and the evening's peak."""
CHECKING_IN: Final = (
    0.1, 0.0, 0.0, 0.0, 0.2, 3.0, 9.0, 10.0, 6.0, 2.0, 1.0, 1.0,
    2.0, 1.0, 0.5, 0.5, 0.5, 1.0, 2.0, 4.0, 6.0, 7.0, 5.0, 1.5,
)  # fmt: skip
SHOPPING: Final = (
    0.6, 0.2, 0.1, 0.0, 0.0, 0.1, 0.6, 2.0, 3.0, 6.0, 8.0, 6.0,
    7.0, 4.0, 3.0, 3.0, 3.0, 4.0, 5.0, 8.0, 10.0, 8.0, 4.0, 1.5,
)  # fmt: skip


def moments(
    random: Random, count: int, weights: tuple[float, ...] = CHATTING, until: float = 24
) -> list[float]:
    """Return `count` moments (seconds from the day's start), in order, none after hour `until`."""
    hours = [weight * max(0.0, min(1.0, until - hour)) for hour, weight in enumerate(weights)]
    chosen = random.choices(range(24), hours, k=count)
    return sorted((hour + random.random() * min(1.0, until - hour)) * HOUR for hour in chosen)
