"""The door for one event, for requests that came whole: no task, no wait, one answer.

Takes what nothing can be said against with what is in memory. The rest goes
through `receive.OneEvent`, which gives the same answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from services.ingest.cloudevents import MAX_EVENT_BYTES, Reading, Taken, read_structured
from services.ingest.door import Door, count_accepted
from services.ingest.receive import read_or_refuse
from shared.web.keys import ApiKey
from shared.web.problems import Problem
from shared.web.wire import Whole

_STRUCTURED: Final = frozenset(
    {
        b"application/json",
        b"application/cloudevents+json",
        b"application/json; charset=utf-8",
        b"application/cloudevents+json; charset=utf-8",
    }
)
_encode: Final = msgspec.json.Encoder().encode


class WholeEvent:
    """`POST /v1/events` in structured mode, where key and terms are known and nothing is odd."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def take(self, request: Whole) -> bool:
        """See `Wired.take`."""
        if len(request.body) > MAX_EVENT_BYTES or not _is_structured(request.headers):
            return False
        key = self._door.remembered(request.headers.get(b"authorization", b"").decode("latin-1"))
        if key is None:
            return False
        now = datetime.now(UTC)
        self._door.begin(key, now, request.address())
        taken = read_or_refuse(read_structured, request.body, Reading(key.tenant, now))
        _Answering(self._door, request, key, taken).begin()
        return True


class _Answering:
    """One event on its way to Kafka, and the request that waits for it."""

    __slots__ = ("_door", "_key", "_request", "_taken")

    def __init__(self, door: Door, request: Whole, key: ApiKey, taken: Taken) -> None:
        self._door = door
        self._request = request
        self._key = key
        self._taken = taken

    def begin(self) -> None:
        """Hand the event over. Raises what `Door.send` raises."""
        self._door.budget.take(self._key.tenant, len(self._request.body))
        try:
            self._door.send(self._taken, self._key, self._request.trace, self._finish)
        except BaseException:
            self._leave()
            raise

    def _finish(self, problem: Problem | None) -> None:
        """Answer, now that it is known what became of the event."""
        self._leave()
        if problem is not None:
            self._request.refuse(problem)
            return
        count_accepted([self._taken])
        body = b'{"id":%b,"status":"accepted"}' % _encode(self._taken.event.id)
        self._request.answer(202, body, self._door.limits(self._key))

    def _leave(self) -> None:
        self._door.budget.give_back(self._key.tenant, len(self._request.body))


def _is_structured(headers: Mapping[bytes, bytes]) -> bool:
    return (
        headers.get(b"content-type", b"").lower() in _STRUCTURED
        and b"content-encoding" not in headers
        and b"ce-specversion" not in headers
    )
