"""WeCom (企业微信): encrypted callbacks of an app (XML) and of a smart robot in groups (JSON).

https://developer.work.weixin.qq.com/document/path/90930
https://developer.work.weixin.qq.com/document/path/101033
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from services.ingest.platforms.aes import (
    DecryptionError,
    envelope_key,
    envelope_signature,
    open_envelope,
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
)
from services.ingest.platforms.payload import Payload
from services.ingest.platforms.xml import read_xml

TOLERANCE_SECONDS: Final = 300
PLAIN: Final = Reply(b"", "text/plain; charset=utf-8")
"""WeCom takes an empty answer for «nothing to say»."""
MEDIA: Final = {
    "image": "image",
    "voice": "voice",
    "video": "video",
    "file": "file",
    "link": "link",
    "mixed": "image",
}
BECOMES: Final = {
    "app message": ("message.posted",),
    "robot message": ("message.posted",),
    "change_external_chat: add_member": ("member.joined",),
    "change_external_chat: del_member": ("member.left",),
    "change_external_contact: add_external_contact": ("contact.requested",),
}


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Answer the verification of the address (GET), or read one callback (POST)."""
    if request.method == "GET":
        echo = _open(request, secrets, request.query.get("echostr", ""))
        return Received(reply=Reply(echo, "text/plain; charset=utf-8"))
    if request.body.lstrip()[:1] == b"{":
        encrypted = Payload(read_json(request.body))["encrypt"].text
        return _robot(Payload(read_json(_open(request, secrets, encrypted))))
    encrypted = Payload(read_xml(request.body))["Encrypt"].text
    return _app(Payload(read_xml(_open(request, secrets, encrypted))))


def check(secrets: Secrets) -> None:
    """Raise `SecretsError` unless the key is an EncodingAESKey."""
    try:
        envelope_key(secrets["encoding_aes_key"])
    except DecryptionError as error:
        raise SecretsError(f"`encoding_aes_key`: {error}") from None


def _open(request: Request, secrets: Secrets, encrypted: str) -> bytes:
    timestamp = request.query.get("timestamp", "")
    nonce = request.query.get("nonce", "")
    expected = envelope_signature(secrets["token"], timestamp, nonce, encrypted)
    require_same(request.query.get("msg_signature", ""), expected)
    require_recent(timestamp, request.now, TOLERANCE_SECONDS)
    try:
        message, receiver = open_envelope(envelope_key(secrets["encoding_aes_key"]), encrypted)
    except DecryptionError:
        raise ForgedError(Forged.WRONG) from None
    if "corp_id" in secrets:
        require_same(receiver, secrets["corp_id"])
    return message


def _app(told: Payload) -> Received:
    kind = told["MsgType"].text
    time = moment(told["CreateTime"].seconds)
    if kind != "event":
        return Received([_app_message(told, time)], reply=PLAIN)
    what = f"{told['Event'].text}: {told['UpdateDetail'].text or told['ChangeType'].text}"
    drafts: list[Draft] = []
    if told["Event"].text == "change_external_chat" and what in BECOMES:
        drafts = list(_moved(what, told, time))
    elif told["Event"].text == "change_external_contact" and what in BECOMES:
        drafts = [_contact(what, told, time)]
    return Received(drafts, [] if drafts else [what], PLAIN)


def _app_message(told: Payload, time: datetime | None) -> Draft:
    kind = told["MsgType"].text
    agent = told["AgentID"].id
    data = {
        "group": f"app:{agent}" if agent else "",
        "member": told["FromUserName"].id,
        "message": told["MsgId"].id,
        "text": told.first("Content", "Description", "Title", "Label").text,
        "media": MEDIA.get(kind, "text"),
    }
    identity = told["MsgId"].id
    return Draft(kind="app message", type="message.posted", id=identity, time=time, data=data)


def _moved(kind: str, told: Payload, time: datetime | None) -> Iterator[Draft]:
    joined = kind.endswith("add_member")
    items = told["MemChangeList"]["Item"]
    people = [each.id for each in items] if isinstance(items.value, list) else [items.id]
    for person in people:
        data: dict[str, Any] = {"group": told["ChatId"].id, "member": person}
        if not joined:
            data["reason"] = "kicked" if told["QuitScene"].id == "1" else "left"
        yield Draft(
            kind=kind,
            type="member.joined" if joined else "member.left",
            id=f"{kind}:{told['ChatId'].id}:{person}:{told['CreateTime'].id}",
            time=time,
            data=data,
        )


def _contact(kind: str, told: Payload, time: datetime | None) -> Draft:
    person, target = told["ExternalUserID"].id, told["UserID"].id
    data = {"group": f"contacts:{target}", "member": person, "target": target}
    identity = f"{kind}:{target}:{person}:{told['CreateTime'].id}"
    return Draft(kind=kind, type="contact.requested", id=identity, time=time, data=data)


def _robot(told: Payload) -> Received:
    kind = told["msgtype"].text
    if told["chattype"].text != "group" or kind == "event":
        return Received(ignored=[kind if kind == "event" else "single chat"], reply=PLAIN)
    parts = [part["text"]["content"].text for part in told["mixed"]["msg_item"]]
    data = {
        "group": told["chatid"].id,
        "member": told["from"]["userid"].id,
        "message": told["msgid"].id,
        "text": told["text"]["content"].text or told["voice"]["content"].text or "".join(parts),
        "media": MEDIA.get(kind, "text"),
    }
    # The robot's callback has no time of its own; it comes as the message is sent.
    identity = told["msgid"].id
    draft = Draft(kind="robot message", type="message.posted", id=identity, time=None, data=data)
    return Received([draft], reply=PLAIN)


WECOM: Final = Platform(
    name="wecom",
    needs=("token", "encoding_aes_key"),
    may=("corp_id",),
    methods=("GET", "POST"),
    becomes=BECOMES,
    receive=receive,
    check=check,
)
