"""Feishu and Lark: event callbacks, encrypted and signed where an Encrypt Key is set.

https://open.feishu.cn/document/server-docs/event-subscription-guide/overview
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from services.ingest.platforms.aes import BLOCK, DecryptionError, from_base64
from services.ingest.platforms.aes import decrypt as decrypt_cbc
from services.ingest.platforms.contract import (
    LONGEST_NAME,
    LONGEST_TEXT,
    Draft,
    Forged,
    ForgedError,
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

TOLERANCE_SECONDS: Final = 8 * 3600
"""Feishu tries again for up to about seven hours."""
_PLACEHOLDER: Final = re.compile(r"@_user_\d+")
MEDIA: Final = {
    "image": "image",
    "sticker": "sticker",
    "file": "file",
    "audio": "voice",
    "media": "video",
    "hongbao": "red_packet",
}
BECOMES: Final = {
    "im.message.receive_v1": ("message.posted",),
    "im.chat.member.user.added_v1": ("member.joined",),
    "im.chat.member.user.deleted_v1": ("member.left",),
}


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Read one event, or answer the challenge of the address, which alone comes unsigned."""
    body = Payload(read_json(request.body))
    key = secrets.get("encrypt_key", "")
    signed = request.header("x-lark-signature")
    if key:
        if signed:
            _require_signed(request, key)
        body = Payload(read_json(_opened(key, body["encrypt"].text)))
    require_same((body["header"]["token"] or body["token"]).text, secrets["verification_token"])
    if body["type"].text == "url_verification":
        return Received(reply=write_json(challenge=body["challenge"].text))
    if key and not signed:
        raise ForgedError(Forged.MISSING)
    kind = body["header"]["event_type"].text or body["event"]["type"].text
    make = _MAKERS.get(kind)
    drafts = [] if make is None else list(make(body["header"], body["event"]))
    return Received(drafts, [] if drafts else [kind])


def decrypt(encrypt_key: str, encrypted: str) -> bytes:
    """Return what an `encrypt` field holds. Raises `DecryptionError`."""
    raw = from_base64(encrypted)
    key = hashlib.sha256(encrypt_key.encode()).digest()
    if len(raw) < 2 * BLOCK:
        raise DecryptionError("too short")
    return decrypt_cbc(key, raw[:BLOCK], raw[BLOCK:], BLOCK)


def signature(encrypt_key: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Return what `X-Lark-Signature` must be."""
    head = f"{timestamp}{nonce}{encrypt_key}".encode("utf-8", "replace")
    return hashlib.sha256(head + body).hexdigest()


def _opened(key: str, encrypted: str) -> bytes:
    if not encrypted:
        raise ForgedError(Forged.MISSING)
    try:
        return decrypt(key, encrypted)
    except DecryptionError:
        raise ForgedError(Forged.WRONG) from None


def _require_signed(request: Request, key: str) -> None:
    timestamp = request.header("x-lark-request-timestamp")
    nonce = request.header("x-lark-request-nonce")
    expected = signature(key, timestamp, nonce, request.body)
    require_same(request.header("x-lark-signature"), expected)
    require_recent(timestamp, request.now, TOLERANCE_SECONDS)


def _posted(header: Payload, event: Payload) -> Iterator[Draft]:
    message, sender = event["message"], event["sender"]
    if message["chat_type"].text == "p2p":
        return
    mentions = {each["key"].text: each for each in message["mentions"]}
    data = {
        "group": message["chat_id"].id,
        "member": _person(sender["sender_id"]),
        "role": "bot" if sender["sender_type"].text == "app" else "member",
        "message": message["message_id"].id,
        "text": _text(message, mentions),
        "media": MEDIA.get(message["message_type"].text, "text"),
        "reply_to": message["parent_id"].id,
        "mentions": [who for each in mentions.values() if (who := _person(each["id"]))],
    }
    yield _draft(header, "message.posted", header["event_id"].id, message["create_time"], data)


def _joined(header: Payload, event: Payload) -> Iterator[Draft]:
    inviter = _person(event["operator_id"])
    for data in _people(event):
        data["invited_by"] = inviter if inviter != data["member"] else ""
        identity = f"{header['event_id'].id}:{data['member']}"
        yield _draft(header, "member.joined", identity, header["create_time"], data)


def _left(header: Payload, event: Payload) -> Iterator[Draft]:
    operator = _person(event["operator_id"])
    for data in _people(event):
        data["reason"] = "kicked" if operator not in ("", data["member"]) else "left"
        del data["name"]
        identity = f"{header['event_id'].id}:{data['member']}"
        yield _draft(header, "member.left", identity, header["create_time"], data)


def _people(event: Payload) -> Iterator[dict[str, Any]]:
    for user in event["users"]:
        yield {
            "group": event["chat_id"].id,
            "member": _person(user["user_id"]),
            "name": user["name"].text,
        }


def _draft(header: Payload, type: str, id: str, time: Payload, data: dict[str, Any]) -> Draft:
    kind = header["event_type"].text
    return Draft(kind=kind, type=type, id=id, time=moment(time.seconds), data=data)


def _person(ids: Payload) -> str:
    return ids.first("open_id", "union_id", "user_id").id


def _text(message: Payload, mentions: Mapping[str, Payload]) -> str:
    """Return what a message says: its content is JSON in a string, mentions are placeholders."""
    try:
        content = Payload(msgspec.json.decode(message["content"].text))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    text = (content["text"].text or _post(content))[:LONGEST_TEXT]
    names = {key: "@" + mention["name"].text[:LONGEST_NAME] for key, mention in mentions.items()}
    return _PLACEHOLDER.sub(lambda found: names.get(found[0], found[0]), text)


def _post(content: Payload) -> str:
    """Return the lines of a rich message: its title, and the text of its elements."""
    lines = [
        "".join(part["text"].text + _link(part) for part in line) for line in content["content"]
    ]
    return "\n".join(filter(None, [content["title"].text, *lines]))


def _link(part: Payload) -> str:
    return f" {part['href'].text}" if part["href"].text else ""


_MAKERS: Final[Mapping[str, Callable[[Payload, Payload], Iterator[Draft]]]] = {
    "im.message.receive_v1": _posted,
    "im.chat.member.user.added_v1": _joined,
    "im.chat.member.user.deleted_v1": _left,
}

FEISHU: Final = Platform(
    name="feishu",
    needs=("verification_token",),
    may=("encrypt_key",),
    becomes=BECOMES,
    receive=receive,
)
