"""How fast an endpoint may be sent to: its own limit, its receiver's and its platform's. Pure."""

from __future__ import annotations

import math
from collections import OrderedDict

from services.notify.connectors.registry import BY_TYPE
from services.notify.endpoints import Endpoint
from shared.events import EndpointId

MOST_REMEMBERED = 10_000


def rate_of(endpoint: Endpoint) -> float | None:
    """Return the requests a second that an endpoint may get; None: any number."""
    limits = (endpoint.rate, endpoint.allowed_rate, BY_TYPE[endpoint.type].rate or 0)
    return min((limit for limit in limits if limit > 0), default=None)


def slots_of(endpoint: Endpoint, most: int) -> int:
    """Return how many attempts may run at once: no more than are sent in two seconds."""
    rate = rate_of(endpoint)
    return most if rate is None else min(most, max(2, math.ceil(2 * rate)))


class Pacer:
    """Spaces requests evenly (the generic cell rate algorithm of ATM, without a burst).

    One process sends to an endpoint, the owner of its partition, so a memory is enough.
    """

    def __init__(self) -> None:
        self._free_at: OrderedDict[EndpointId, float] = OrderedDict()

    def wait(self, endpoint: EndpointId, rate: float | None, now: float) -> float:
        """Book the next request, and return how many seconds it has to wait."""
        if rate is None:
            return 0.0
        start = max(now, self._free_at.get(endpoint, now))
        self._free_at[endpoint] = start + 1 / rate
        self._free_at.move_to_end(endpoint)
        if len(self._free_at) > MOST_REMEMBERED:
            self._free_at.popitem(last=False)
        return start - now
