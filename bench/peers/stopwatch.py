"""Measures a contender inside of its own process, from joining the group to the last event."""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import NamedTuple


class Task(NamedTuple):
    """What to do, from the command line: `SERVERS TOPIC GROUP EVENTS WORK`."""

    servers: str
    topic: str
    group: str
    events: int
    work: str

    @classmethod
    def asked(cls) -> Task:
        servers, topic, group, events, work = sys.argv[1:]
        return cls(servers, topic, group, int(events), work)


class Stopwatch:
    """Runs from its making to `stop`, which prints what was measured as JSON."""

    def __init__(self) -> None:
        self._cpu, self._started = _cpu(), time.perf_counter()
        self._seconds = self._spent = 0.0

    def stop(self) -> None:
        self._seconds, self._spent = time.perf_counter() - self._started, _cpu() - self._cpu

    def tell(self, count: int) -> None:
        figures = {"events_per_s": count / self._seconds, "cpu_us": self._spent / count * 1e6}
        print(json.dumps(figures), flush=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
