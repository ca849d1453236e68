"""Brings the events of several logs into the order of their time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from heapq import heappop, heappush

from shared.events import BaseEvent, Millis


async def in_order(
    logs: Sequence[AsyncGenerator[BaseEvent, None]],
) -> AsyncGenerator[BaseEvent, None]:
    """Yield the events of all logs, earliest first; those of one log in its own order."""
    async with AsyncExitStack() as stack:
        for log in logs:
            await stack.enter_async_context(aclosing(log))
        heads: list[tuple[Millis, int, BaseEvent]] = []
        for number, log in enumerate(logs):
            first = await anext(log, None)
            if first is not None:
                heappush(heads, (first.time, number, first))
        while heads:
            _, number, event = heappop(heads)
            yield event
            following = await anext(logs[number], None)
            if following is not None:
                heappush(heads, (following.time, number, following))
