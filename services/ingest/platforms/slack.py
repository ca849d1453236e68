"""Slack: the Events API, with the `v0` signature over timestamp and body.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from services.ingest.platforms.contract import (
    Draft,
    Mapped,
    Platform,
    Received,
    Request,
    Secrets,
    moment,
    read_json,
    require_recent,
    require_same,
    write_json,
)
from services.ingest.platforms.payload import Payload

TOLERANCE_SECONDS: Final = 300
"""What Slack's documentation asks for."""
POSTED: Final = ("", "bot_message", "file_share", "me_message", "thread_broadcast")
"""Subtypes of `message` that are somebody writing."""
BECOMES: Final = {
    "message": ("message.posted",),
    "message.message_changed": ("message.edited",),
    "message.message_deleted": ("message.deleted",),
    "reaction_added": ("reaction.added",),
    "member_joined_channel": ("member.joined",),
    "member_left_channel": ("member.left",),
}
_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_LINK: Final = re.compile(r"<((?:https?|mailto):[^<>|]+)(?:\|([^<>]*))?>")
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Read one event, or answer the verification of the address."""
    timestamp = request.header("x-slack-request-timestamp")
    require_same(
        request.header("x-slack-signature"),
        signature(secrets["signing_secret"], timestamp, request.body),
    )
    require_recent(timestamp, request.now, TOLERANCE_SECONDS)
    if request.header("content-type").startswith("application/x-www-form-urlencoded"):
        return Received(ignored=["form"])
    envelope = Payload(read_json(request.body))
    if envelope["type"].text == "url_verification":
        return Received(reply=write_json(challenge=envelope["challenge"].text))
    if envelope["type"].text != "event_callback":
        return Received(ignored=[envelope["type"].text])
    event = envelope["event"]
    kind = ".".join(filter(None, (event["type"].text, event["subtype"].text)))
    make = _MAKERS.get("message" if _is_posted(event) else kind)
    drafts = [] if make is None else list(make(envelope, event))
    return Received(drafts, [] if drafts else [kind])


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the `v0=…` signature of a request."""
    content = b"v0:" + timestamp.encode("utf-8", "replace") + b":" + body
    return "v0=" + hmac.digest(secret.encode(), content, "sha256").hex()


def _is_posted(event: Payload) -> bool:
    return event["type"].text == "message" and event["subtype"].text in POSTED


def _posted(envelope: Payload, event: Payload) -> Iterator[Draft]:
    if event["channel_type"].text == "im":
        return
    text, thread = event["text"].text, event["thread_ts"].id
    bot = "bot_id" in event
    yield _draft(
        envelope,
        "message",
        "message.posted",
        {
            "group": event["channel"].id,
            "member": event.first("user", "bot_id").id,
            "role": "bot" if bot else "member",
            "message": event["ts"].id,
            "text": plain(text),
            "media": _media(event),
            "reply_to": thread if thread != event["ts"].id else "",
            "reply_to_member": event["parent_user_id"].id,
            "mentions": list(dict.fromkeys(_MENTION.findall(text))),
        },
    )


def _edited(envelope: Payload, event: Payload) -> Iterator[Draft]:
    message = event["message"]
    data = {
        "group": event["channel"].id,
        "member": message.first("user", "bot_id").id,
        "message": message["ts"].id,
        "text": plain(message["text"].text),
    }
    # Slack tells of an unfurled link as of an edit that changes nothing.
    if message["text"].text != event["previous_message"]["text"].text:
        yield _draft(envelope, "message.message_changed", "message.edited", data)


def _deleted(envelope: Payload, event: Payload) -> Iterator[Draft]:
    author = event["previous_message"].first("user", "bot_id").id
    data = {
        "group": event["channel"].id,
        "member": author,
        "author": author,
        "message": event["deleted_ts"].id,
    }
    yield _draft(envelope, "message.message_deleted", "message.deleted", data)


def _reacted(envelope: Payload, event: Payload) -> Iterator[Draft]:
    if event["item"]["type"].text != "message":
        return
    data = {
        "group": event["item"]["channel"].id,
        "member": event["user"].id,
        "message": event["item"]["ts"].id,
        "author": event["item_user"].id,
        "emoji": event["reaction"].text,
    }
    yield _draft(envelope, "reaction_added", "reaction.added", data)


def _joined(envelope: Payload, event: Payload) -> Iterator[Draft]:
    data = {
        "group": event["channel"].id,
        "member": event["user"].id,
        "invited_by": event["inviter"].id,
    }
    yield _draft(envelope, "member_joined_channel", "member.joined", data)


def _left(envelope: Payload, event: Payload) -> Iterator[Draft]:
    data = {"group": event["channel"].id, "member": event["user"].id}
    yield _draft(envelope, "member_left_channel", "member.left", data)


def _draft(envelope: Payload, kind: str, type: str, data: dict[str, Any]) -> Draft:
    event = envelope["event"]
    seconds = event["event_ts"].number or event["ts"].number or envelope["event_time"].number
    return Draft(kind=kind, type=type, id=envelope["event_id"].id, time=moment(seconds), data=data)


def _media(event: Payload) -> str:
    for file in event["files"]:
        family = file["mimetype"].text.partition("/")[0]
        return {"image": "image", "video": "video", "audio": "voice"}.get(family, "file")
    return "text"


def plain(text: str) -> str:
    """Return a message as people read it: links bare, `&`, `<` and `>` themselves."""
    text = _LINK.sub(lambda link: f"{link[2]} {link[1]}" if link[2] else link[1], text)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


_MAKERS: Final[Mapping[str, Callable[[Payload, Payload], Iterator[Draft]]]] = {
    "message": _posted,
    "message.message_changed": _edited,
    "message.message_deleted": _deleted,
    "reaction_added": _reacted,
    "member_joined_channel": _joined,
    "member_left_channel": _left,
}

SLACK: Final = Platform(name="slack", needs=("signing_secret",), becomes=BECOMES, receive=receive)
