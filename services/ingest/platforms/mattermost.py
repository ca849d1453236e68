"""Mattermost: outgoing webhooks, as JSON or as a form, with the token that it made.

https://developers.mattermost.com/integrate/webhooks/outgoing/
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from services.ingest.platforms.contract import (
    Draft,
    Mapped,
    Platform,
    Received,
    Request,
    Secrets,
    UnreadableError,
    moment,
    read_json,
    require_same,
)
from services.ingest.platforms.payload import Payload

MOST_FIELDS: Final = 50
BECOMES: Final = {"post": ("message.posted",)}


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Read one post of a channel."""
    post = _read(request)
    require_same(post["token"].text, secrets["token"])
    data = {
        "group": post["channel_id"].id,
        "member": post["user_id"].id,
        "message": post["post_id"].id,
        "text": post["text"].text,
        "media": "file" if post["file_ids"] else "text",
    }
    time = moment(post["timestamp"].seconds)
    identity = post["post_id"].id
    return Received([Draft(kind="post", type="message.posted", id=identity, time=time, data=data)])


def _read(request: Request) -> Payload:
    if request.header("content-type").startswith("application/json"):
        return Payload(read_json(request.body))
    try:
        pairs = parse_qsl(request.body.decode(), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise UnreadableError(f"The body is not a form: {error}") from None
    return Payload(dict(pairs))


MATTERMOST: Final = Platform(name="mattermost", needs=("token",), becomes=BECOMES, receive=receive)
