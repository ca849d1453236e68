"""Zulip: outgoing webhooks of a bot, with the bot's token in the body.

https://zulip.com/api/outgoing-webhooks
"""

from __future__ import annotations

from typing import Final

from services.ingest.platforms.contract import (
    Draft,
    Mapped,
    Platform,
    Received,
    Request,
    Secrets,
    moment,
    read_json,
    require_same,
    write_json,
)
from services.ingest.platforms.payload import Payload

BECOMES: Final = {"mention": ("message.posted",)}
SILENT: Final = write_json(response_not_required=True)


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Read one message that mentions the bot in a channel."""
    body = Payload(read_json(request.body))
    require_same(body["token"].text, secrets["token"])
    message = body["message"]
    if message["type"].text not in ("stream", "channel"):
        return Received(ignored=[body["trigger"].text], reply=SILENT)
    data = {
        "group": message["stream_id"].id,
        "member": message["sender_id"].id,
        "message": message["id"].id,
        "text": message["content"].text,
    }
    draft = Draft(
        kind="mention",
        type="message.posted",
        id=message["id"].id,
        time=moment(message["timestamp"].number),
        data=data,
    )
    return Received([draft], reply=SILENT)


ZULIP: Final = Platform(name="zulip", needs=("token",), becomes=BECOMES, receive=receive)
