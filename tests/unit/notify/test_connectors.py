"""Every type of endpoint has a connector that makes its requests."""

from __future__ import annotations

import json

from services.notify.connectors.registry import BY_TYPE
from services.notify.connectors.webhook import Webhook
from services.notify.deliveries import Attempt
from services.notify.endpoints import EndpointType
from shared.signing import verify
from tests.unit.notify.builders import NOW, SECRET, endpoint, tracked


def test_every_type_of_endpoint_has_a_connector() -> None:
    assert set(BY_TYPE) == set(EndpointType)


def test_a_webhook_is_the_action_signed_at_the_moment_of_sending() -> None:
    one = tracked()
    request = Webhook().request(Attempt("d1", one), endpoint(url="http://x/hook"), NOW // 1000)
    assert (request.method, request.url) == ("POST", "http://x/hook")
    assert json.loads(request.body)["id"] == one.action.id
    assert verify([SECRET], request.headers, request.body, NOW // 1000).id == one.webhook_id


def test_a_webhook_has_no_use_for_a_credential() -> None:
    assert Webhook().check(endpoint()) == {}
    assert set(Webhook().check(endpoint(credential="x", options={"chat": "1"}))) == {
        "credential",
        "options",
    }
