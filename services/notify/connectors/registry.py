"""Which connector serves which type of endpoint. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.notify.connectors.contract import Connector
from services.notify.connectors.webhook import Webhook
from services.notify.endpoints import EndpointType

BY_TYPE: Final[Mapping[EndpointType, Connector]] = {
    EndpointType.WEBHOOK: Webhook(),
}
"""Every type of endpoint has its connector here."""
