"""What Steward makes of a history, read over its REST interface."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

import httpx

from shared.events import Millis
from steward.cloudevents import rfc3339

MOST_FLAGS: Final = 5_000
"""Flags that are read; a history with more is summed up from the latest."""
LEADERS: Final = 10
_PAGE: Final = 100
_STEADY_READINGS: Final = 3
_STALLED_READINGS: Final = 15
_BETWEEN_SECONDS: Final = 2.0
PATIENCE_SECONDS: Final = 900.0

_LAG: Final = re.compile(
    r'^steward_stream_lag_records\{[^}]*stage="rules"[^}]*\} (\S+)$', re.MULTILINE
)

Item = dict[str, Any]


class Findings(NamedTuple):
    """Flags (latest first, `more` if there are others), leaders, and groups, worst first."""

    flags: list[Item]
    more: bool
    leaders: list[Item]
    groups: list[Item]

    @property
    def labels(self) -> Counter[str]:
        """How many flags have each label."""
        return Counter(label for flag in self.flags for label in flag["labels"])


class _State(NamedTuple):
    complete: bool
    lag: int
    counted: list[tuple[str, str, int, int]]
    flags: list[str]


class Readings:
    """The tenant's view of rules and scoring. Every method raises httpx's errors."""

    def __init__(self, rules: httpx.Client, scoring: httpx.Client) -> None:
        self._rules = rules
        self._scoring = scoring

    def settle(self, last: int, sleep: Callable[[float], None] = time.sleep) -> bool:
        """Wait until the services have taken the history in; return whether they did.

        They have when the event of its last moment is counted, rules says that no
        record waits for it, and nothing changes any more; or nothing changes for
        so long that it will not be counted.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        before, steady = None, 0
        while time.monotonic() < deadline:
            now = self._state(last)
            steady = steady + 1 if now == before else 0
            if steady >= (_STEADY_READINGS if now.complete else _STALLED_READINGS):
                return now.complete
            before = now
            sleep(_BETWEEN_SECONDS)
        return False

    def find(self, first: int, last: int) -> Findings:
        """Return what was found, told as of the end of the history."""
        query = {"at": rfc3339(Millis(last))}
        groups = self._every(self._scoring, "/v1/groups", None, **query, explain="true")
        board = _get(self._scoring, "/v1/leaderboard", limit=str(LEADERS), **query)
        since = rfc3339(Millis(first))
        flags = self._every(self._rules, "/v1/flags", MOST_FLAGS, since=since)
        return Findings(
            flags=flags[:MOST_FLAGS],
            more=len(flags) > MOST_FLAGS,
            leaders=board["items"],
            groups=sorted(groups, key=lambda group: (group["health"], group["group"])),
        )

    def _state(self, last: int) -> _State:
        at = rfc3339(Millis(last))
        groups = self._every(self._scoring, "/v1/groups", None, at=at)
        flags = _get(self._rules, "/v1/flags", limit=str(_PAGE))["items"]
        counted = [
            (group["group"], group["last_seen"], group["messages"], group["members"])
            for group in groups
        ]
        latest = max((group["last_seen"] for group in groups), default=None)
        complete = latest is not None and datetime.fromisoformat(latest).timestamp() * 1000 >= last
        lag = self._lag()
        return _State(complete and not lag, lag, counted, [flag["id"] for flag in flags])

    def _lag(self) -> int:
        """Return how many records wait for rules, as far as its metrics can be read."""
        answer = self._rules.get("/metrics")
        if answer.status_code != httpx.codes.OK:
            return 0
        return int(sum(map(float, _LAG.findall(answer.text))))

    @staticmethod
    def _every(client: httpx.Client, path: str, most: int | None, **query: str) -> list[Item]:
        found: list[Item] = []
        cursor: dict[str, str] = {}
        while True:
            page = _get(client, path, limit=str(_PAGE), **query, **cursor)
            found += page["items"]
            if not page.get("next") or (most is not None and len(found) > most):
                return found
            cursor = {"cursor": page["next"]}


def _get(client: httpx.Client, path: str, **query: str) -> Item:
    answer = client.get(path, params=query)
    answer.raise_for_status()
    body: Item = answer.json()
    return body
