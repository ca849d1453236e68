"""Plain webhooks: the action as JSON, signed by Standard Webhooks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.notify import payload
from services.notify.attempts import Result
from services.notify.connectors.contract import HttpRequest
from services.notify.deliveries import Attempt
from services.notify.endpoints import Endpoint
from shared.actions import ActionKind


class Webhook:
    """Sends what Steward says to a receiver that was made for it."""

    kinds: Final = frozenset(ActionKind)
    rate: Final = None

    def check(self, endpoint: Endpoint) -> Mapping[str, str]:
        """Return the fields that a webhook has no use for."""
        given = {"options": endpoint.options, "credential": endpoint.credential}
        return {name: "not for webhooks" for name, value in given.items() if value}

    def request(self, attempt: Attempt, endpoint: Endpoint, now: int) -> HttpRequest:
        body = payload.body(attempt.delivery.action, attempt.id if endpoint.thin else "")
        secrets = endpoint.signing_secrets(now)
        headers = payload.headers(attempt.id, attempt.delivery, body, secrets, now)
        headers = {**endpoint.headers, **headers}
        return HttpRequest(endpoint.url, headers, body)

    def result(self, answer: Result) -> Result:
        return answer
