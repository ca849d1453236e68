"""Zulip: outgoing webhooks of a bot, with the bot's token in the body.

https://zulip.com/api/outgoing-webhooks
"""

from __future__ import annotations

from collections.abc import Iterator
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

BECOMES: Final = {"mention": ("message.posted", "reaction.added")}
SILENT: Final = write_json(response_not_required=True)


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Read one message that mentions the bot in a channel, and the reactions that it has."""
    body = Payload(read_json(request.body))
    require_same(body["token"].text, secrets["token"])
    message = body["message"]
    if message["type"].text not in ("stream", "channel"):
        return Received(ignored=[body["trigger"].text], reply=SILENT)
    return Received([_posted(message), *_reactions(message)], reply=SILENT)


def _posted(message: Payload) -> Draft:
    data = {
        "group": message["stream_id"].id,
        "member": message["sender_id"].id,
        "message": message["id"].id,
        "text": message["content"].text,
    }
    return Draft(
        kind="mention",
        type="message.posted",
        id=message["id"].id,
        time=moment(message["timestamp"].number),
        data=data,
    )


def _reactions(message: Payload) -> Iterator[Draft]:
    """Yield the reactions, which have no time of their own, at the message's time."""
    for reaction in message["reactions"]:
        member = (reaction["user_id"] or reaction["user"]["id"]).id
        emoji = reaction["emoji_name"].text
        data = {
            "group": message["stream_id"].id,
            "member": member,
            "message": message["id"].id,
            "author": message["sender_id"].id,
            "emoji": emoji,
        }
        yield Draft(
            kind="mention",
            type="reaction.added",
            id=f"{message['id'].id}/reaction/{member}/{emoji}",
            time=moment(message["timestamp"].number),
            data=data,
        )


ZULIP: Final = Platform(name="zulip", needs=("token",), becomes=BECOMES, receive=receive)
