"""DingTalk: encrypted event callbacks, and the messages that mention an outgoing robot.

https://open.dingtalk.com/document/orgapp/configure-event-subcription
https://open.dingtalk.com/document/orgapp/receive-message
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from typing import Any, Final

from services.ingest.platforms.aes import (
    DecryptionError,
    envelope_key,
    envelope_signature,
    open_envelope,
    seal_envelope,
)
from services.ingest.platforms.contract import (
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
    moment,
    read_json,
    require_recent,
    require_same,
    write_json,
)
from services.ingest.platforms.payload import Payload

TOLERANCE_SECONDS: Final = 3600
"""What DingTalk's documentation gives a robot's request."""
MEDIA: Final = {"picture": "image", "audio": "voice", "video": "video", "file": "file"}
BECOMES: Final = {
    "robot message": ("message.posted",),
    "chat_add_member": ("member.joined",),
    "chat_remove_member": ("member.left",),
    "chat_quit": ("member.left",),
}


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Read an encrypted event, or a message that the robot was sent."""
    if request.header("sign"):
        _require_robot(request, secrets.get("app_secret", ""))
        return _said(Payload(read_json(request.body)))
    if not secrets.get("aes_key"):
        raise ForgedError(Forged.MISSING)
    return _called_back(request, secrets)


def check(secrets: Secrets) -> None:
    """Raise `SecretsError` unless events or a robot's messages can be told from forgeries."""
    events = {"token", "aes_key", "app_key"} & secrets.keys()
    if events and len(events) < 3:
        raise SecretsError("events need `token`, `aes_key` and `app_key` together")
    if not events and "app_secret" not in secrets:
        raise SecretsError("`app_secret` (robot), or `token`, `aes_key` and `app_key` are needed")
    if events:
        try:
            envelope_key(secrets["aes_key"])
        except DecryptionError as error:
            raise SecretsError(f"`aes_key`: {error}") from None


def robot_signature(app_secret: str, timestamp: str) -> str:
    """Return what the header `sign` of a robot's request must be."""
    content = f"{timestamp}\n{app_secret}".encode("utf-8", "replace")
    return base64.b64encode(hmac.digest(app_secret.encode(), content, "sha256")).decode()


def _require_robot(request: Request, app_secret: str) -> None:
    if not app_secret:
        raise ForgedError(Forged.WRONG)
    timestamp = request.header("timestamp")
    require_same(request.header("sign"), robot_signature(app_secret, timestamp))
    require_recent(timestamp[:-3], request.now, TOLERANCE_SECONDS)


def _said(message: Payload) -> Received:
    if message["conversationType"].text != "2":
        return Received(ignored=["single chat"])
    kind = message["msgtype"].text
    data = {
        "group": message["conversationId"].id,
        "member": message.first("senderStaffId", "senderId").id,
        "role": "operator" if message["isAdmin"].value is True else "member",
        "message": message["msgId"].id,
        "text": message["text"]["content"].text.strip() or _rich(message),
        "media": MEDIA.get(kind, "text"),
        "mentions": [
            who for user in message["atUsers"] if (who := user.first("staffId", "dingtalkId").id)
        ],
    }
    draft = Draft(
        kind="robot message",
        type="message.posted",
        id=message["msgId"].id,
        time=moment(message["createAt"].seconds),
        data=data,
    )
    return Received([draft])


def _rich(message: Payload) -> str:
    return "".join(part["text"].text for part in message["content"]["richText"])


def _called_back(request: Request, secrets: Secrets) -> Received:
    encrypted = Payload(read_json(request.body))["encrypt"].text
    timestamp, nonce = request.query.get("timestamp", ""), request.query.get("nonce", "")
    given = request.query.get("msg_signature") or request.query.get("signature", "")
    require_same(given, envelope_signature(secrets["token"], timestamp, nonce, encrypted))
    require_recent(timestamp[:-3], request.now, TOLERANCE_SECONDS)
    try:
        opened, receiver = open_envelope(envelope_key(secrets["aes_key"]), encrypted)
    except DecryptionError:
        raise ForgedError(Forged.WRONG) from None
    require_same(receiver, secrets["app_key"])
    event = Payload(read_json(opened))
    kind = event["EventType"].text
    drafts = list(_moved(kind, event)) if kind in BECOMES else []
    ignored = [] if drafts or kind.startswith("check_") else [kind]
    return Received(drafts, ignored, _success(secrets, timestamp, nonce))


def _success(secrets: Secrets, timestamp: str, nonce: str) -> Reply:
    """Return the encrypted word that DingTalk takes for an answer."""
    key = envelope_key(secrets["aes_key"])
    sealed = seal_envelope(key, b"success", secrets["app_key"], f"{timestamp}\n{nonce}")
    return write_json(
        msg_signature=envelope_signature(secrets["token"], timestamp, nonce, sealed),
        timeStamp=timestamp,
        nonce=nonce,
        encrypt=sealed,
    )


def _moved(kind: str, event: Payload) -> Iterator[Draft]:
    joined = kind == "chat_add_member"
    at, operator = event["TimeStamp"], event["Operator"].id
    for user in event["UserId"]:
        data: dict[str, Any] = {"group": event["ChatId"].id, "member": user.id}
        if joined:
            data["invited_by"] = operator if operator != user.id else ""
        else:
            data["reason"] = "left" if kind == "chat_quit" else "kicked"
        yield Draft(
            kind=kind,
            type="member.joined" if joined else "member.left",
            id=f"{kind}:{event['ChatId'].id}:{user.id}:{at.id}",
            time=moment(at.seconds),
            data=data,
        )


DINGTALK: Final = Platform(
    name="dingtalk",
    needs=(),
    may=("app_secret", "token", "aes_key", "app_key"),
    becomes=BECOMES,
    receive=receive,
    check=check,
)
