"""Asks endpoints whether they want deliveries, and writes down that they do."""

from __future__ import annotations

import secrets
from time import time
from typing import Any, Final

from services.notify import ownership
from services.notify.endpoints import Endpoint, Verification
from services.notify.exchange import Exchange
from services.notify.store import EndpointStore

LONGEST_SECONDS: Final = 10.0


class Verifier:
    """Verifies endpoints in the moment somebody asks for it."""

    def __init__(self, exchange: Exchange, store: EndpointStore, origin: str) -> None:
        self._exchange = exchange
        self._store = store
        self._origin = origin

    async def verify(self, endpoint: Endpoint) -> Endpoint:
        """Return the endpoint as verified; deliveries that were held for it begin to flow.

        Raises `RefusedError` if it does not want them, and PyMongo's errors.
        """
        fields: dict[str, Any] = {"verified_at": int(time() * 1000)}
        match endpoint.verification:
            case Verification.CHALLENGE:
                await self._challenge(endpoint)
            case Verification.OPTIONS:
                fields["allowed_rate"] = await self._shake_hands(endpoint)
            case Verification.NONE:
                return endpoint
        return await self._store.change(endpoint.tenant, endpoint.id, fields) or endpoint

    async def _challenge(self, endpoint: Endpoint) -> None:
        nonce = secrets.token_urlsafe(24)
        request = ownership.challenge(endpoint, nonce, int(time()))
        result, _ = await self._exchange.send(request, LONGEST_SECONDS, endpoint.id)
        ownership.check_challenge(result, nonce)

    async def _shake_hands(self, endpoint: Endpoint) -> float:
        request = ownership.handshake(endpoint, self._origin)
        result, headers = await self._exchange.send(request, LONGEST_SECONDS, endpoint.id)
        return ownership.granted(result, headers, self._origin)
