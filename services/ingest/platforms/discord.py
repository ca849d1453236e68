"""Discord: interactions and webhook events signed with Ed25519, and a bot's gateway relay.

https://docs.discord.com/developers/interactions/overview
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.ingest.platforms.contract import (
    OK,
    Draft,
    Forged,
    ForgedError,
    Mapped,
    Platform,
    Received,
    Reply,
    Request,
    Secrets,
    SecretsError,
    bearer,
    iso,
    moment,
    read_json,
    require_recent,
    require_same,
    write_json,
)
from services.ingest.platforms.payload import Payload

TOLERANCE_SECONDS: Final = 300
PING, COMMAND, COMPONENT, AUTOCOMPLETE = 1, 2, 3, 4
MESSAGE_COMMAND: Final = 3
"""A command in the menu of a message: reporting it."""
EPHEMERAL: Final = 64
NO_CONTENT: Final = Reply(b"", status=204)
_EPOCH_MILLIS: Final = 1_420_070_400_000
BECOMES: Final = {
    "MESSAGE_CREATE": ("message.posted",),
    "MESSAGE_UPDATE": ("message.edited",),
    "MESSAGE_DELETE": ("message.deleted",),
    "MESSAGE_REACTION_ADD": ("reaction.added",),
    "GUILD_MEMBER_ADD": ("member.joined",),
    "GUILD_MEMBER_REMOVE": ("member.left",),
    "interaction: message command": ("report.filed",),
    "interaction: /checkin": ("checkin.made",),
}


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Read a signed interaction, or a gateway dispatch that a bot passes on with its token."""
    if "relay_token" in secrets and bearer(request):
        require_same(bearer(request), secrets["relay_token"])
        return _dispatched(Payload(read_json(request.body)))
    _require_signed(request, secrets.get("public_key", ""))
    body = Payload(read_json(request.body))
    if "version" in body:
        return Received(ignored=[body["event"]["type"].text or "ping"], reply=NO_CONTENT)
    return _interaction(body)


def check(secrets: Secrets) -> None:
    """Raise `SecretsError` unless interactions or a relay can be told from forgeries."""
    if not secrets:
        raise SecretsError("`public_key`, `relay_token` or both are needed")
    if "public_key" in secrets:
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(secrets["public_key"]))
        except ValueError:
            raise SecretsError("`public_key` is not 64 hexadecimal digits") from None


def _require_signed(request: Request, public_key: str) -> None:
    timestamp = request.header("x-signature-timestamp")
    given = request.header("x-signature-ed25519")
    if not (given and timestamp and public_key):
        raise ForgedError(Forged.MISSING)
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(binascii.unhexlify(given), timestamp.encode() + request.body)
    except (InvalidSignature, ValueError):
        raise ForgedError(Forged.WRONG) from None
    require_recent(timestamp, request.now, TOLERANCE_SECONDS)


def _interaction(body: Payload) -> Received:
    kind = body["type"].value
    if kind == PING:
        return Received(reply=write_json(type=1))
    if kind == AUTOCOMPLETE:
        return Received(ignored=["autocomplete"], reply=write_json(type=8, data={"choices": []}))
    if kind == COMPONENT:
        return Received(ignored=["component"], reply=write_json(type=6))
    drafts = list(_commanded(body)) if kind == COMMAND else []
    said = "✓" if drafts else "–"
    reply = write_json(type=4, data={"content": said, "flags": EPHEMERAL})
    return Received(drafts, [] if drafts else ["command"], reply)


def _commanded(body: Payload) -> Iterator[Draft]:
    command, group = body["data"], body["guild_id"].id
    data: dict[str, Any] = {"group": group, "member": body["member"]["user"]["id"].id}
    if not group:
        return
    time = _born(body["id"].id)
    if command["type"].value == MESSAGE_COMMAND:
        target = command["resolved"]["messages"][command["target_id"].id]
        data |= {
            "message": _message(body["channel_id"].id, command["target_id"].id),
            "author": target["author"]["id"].id,
            "reason": command["name"].text,
        }
        kind = "interaction: message command"
        yield Draft(kind=kind, type="report.filed", id=body["id"].id, time=time, data=data)
    elif command["name"].text == "checkin":
        topic = next((option["value"].text for option in command["options"]), "")
        kind, data = "interaction: /checkin", data | {"topic": topic}
        yield Draft(kind=kind, type="checkin.made", id=body["id"].id, time=time, data=data)


def _dispatched(dispatch: Payload) -> Received:
    kind = dispatch["t"].text
    make = _MAKERS.get(kind)
    drafts = [] if make is None or not dispatch["d"]["guild_id"].id else list(make(dispatch["d"]))
    return Received(drafts, [] if drafts else [kind], OK)


def _posted(message: Payload) -> Iterator[Draft]:
    author, replied = message["author"], message["referenced_message"]
    identity = message["id"].id
    data = {
        "group": message["guild_id"].id,
        "member": author["id"].id,
        "role": "bot" if author["bot"] or "webhook_id" in message else "member",
        "message": _message(message["channel_id"].id, identity),
        "text": message["content"].text,
        "media": _media(message),
        "reply_to": _message(message["channel_id"].id, replied["id"].id),
        "reply_to_member": replied["author"]["id"].id,
        "mentions": [person["id"].id for person in message["mentions"] if person["id"].id],
    }
    time = iso(message["timestamp"].text)
    yield _draft("MESSAGE_CREATE", "message.posted", f"post:{identity}", time, data)


def _edited(message: Payload) -> Iterator[Draft]:
    edited = message["edited_timestamp"].text
    # An update without this time is Discord adding a preview of a link.
    if not edited or "content" not in message:
        return
    data = {
        "group": message["guild_id"].id,
        "member": message["author"]["id"].id,
        "role": "bot" if message["author"]["bot"] else "member",
        "message": _message(message["channel_id"].id, message["id"].id),
        "text": message["content"].text,
    }
    identity = f"edit:{message['id'].id}:{edited}"
    yield _draft("MESSAGE_UPDATE", "message.edited", identity, iso(edited), data)


def _deleted(message: Payload) -> Iterator[Draft]:
    # The gateway does not tell who deleted or wrote it: the relay may add the author it knows.
    author = message["author"]["id"].id
    data = {
        "group": message["guild_id"].id,
        "member": author,
        "author": author,
        "message": _message(message["channel_id"].id, message["id"].id),
    }
    yield _draft("MESSAGE_DELETE", "message.deleted", f"delete:{message['id'].id}", None, data)


def _reacted(reaction: Payload) -> Iterator[Draft]:
    emoji = reaction["emoji"].first("id", "name").id
    message, member = reaction["message_id"].id, reaction["user_id"].id
    data = {
        "group": reaction["guild_id"].id,
        "member": member,
        "message": _message(reaction["channel_id"].id, message),
        "author": reaction["message_author_id"].id,
        "emoji": reaction["emoji"]["name"].text,
    }
    identity = f"react:{message}:{member}:{emoji}"
    yield _draft("MESSAGE_REACTION_ADD", "reaction.added", identity, None, data)


def _joined(member: Payload) -> Iterator[Draft]:
    joined, person = member["joined_at"].text, member["user"]
    data = {
        "group": member["guild_id"].id,
        "member": person["id"].id,
        "role": "bot" if person["bot"] else "member",
        "name": member.first("nick").text or person.first("global_name", "username").text,
    }
    identity = f"join:{data['group']}:{data['member']}:{joined}"
    yield _draft("GUILD_MEMBER_ADD", "member.joined", identity, iso(joined), data)


def _left(member: Payload) -> Iterator[Draft]:
    data = {"group": member["guild_id"].id, "member": member["user"]["id"].id}
    # The dispatch has neither id nor time: the relay's `relayed_at` tells one leave from another.
    identity = f"leave:{data['group']}:{data['member']}:{member['relayed_at'].id}"
    time = moment(member["relayed_at"].seconds)
    yield _draft("GUILD_MEMBER_REMOVE", "member.left", identity, time, data)


def _draft(kind: str, type: str, id: str, time: datetime | None, data: dict[str, Any]) -> Draft:
    return Draft(kind=kind, type=type, id=id, time=time, data=data)


def _message(channel: str, message: str) -> str:
    """Return the message's id as its deletion needs it: with its channel."""
    return f"{channel}/{message}" if channel and message else ""


def _born(snowflake: str) -> datetime | None:
    """Return when an id was made: its upper bits are milliseconds since 2015."""
    if not (snowflake.isascii() and snowflake.isdecimal() and len(snowflake) < 21):
        return None
    return moment(((int(snowflake) >> 22) + _EPOCH_MILLIS) / 1000)


def _media(message: Payload) -> str:
    for attachment in message["attachments"]:
        family = attachment["content_type"].text.partition("/")[0]
        return {"image": "image", "video": "video", "audio": "voice"}.get(family, "file")
    return "sticker" if message["sticker_items"] else "text"


_MAKERS: Final[Mapping[str, Callable[[Payload], Iterator[Draft]]]] = {
    "MESSAGE_CREATE": _posted,
    "MESSAGE_UPDATE": _edited,
    "MESSAGE_DELETE": _deleted,
    "MESSAGE_REACTION_ADD": _reacted,
    "GUILD_MEMBER_ADD": _joined,
    "GUILD_MEMBER_REMOVE": _left,
}

DISCORD: Final = Platform(
    name="discord",
    needs=(),
    may=("public_key", "relay_token"),
    becomes=BECOMES,
    receive=receive,
    check=check,
)
