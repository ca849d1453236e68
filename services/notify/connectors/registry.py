"""Which connector serves which type of endpoint. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.notify.connectors.contract import Connector
from services.notify.connectors.discord import Discord
from services.notify.connectors.robots import DingTalk, Feishu, WeCom
from services.notify.connectors.slack import Slack
from services.notify.connectors.telegram import Telegram
from services.notify.connectors.webhook import Webhook
from services.notify.endpoints import EndpointType

BY_TYPE: Final[Mapping[EndpointType, Connector]] = {
    EndpointType.WEBHOOK: Webhook(),
    EndpointType.TELEGRAM: Telegram(),
    EndpointType.SLACK: Slack(),
    EndpointType.DISCORD: Discord(),
    EndpointType.FEISHU: Feishu(),
    EndpointType.WECOM: WeCom(),
    EndpointType.DINGTALK: DingTalk(),
}
"""Every type of endpoint has its connector here."""
