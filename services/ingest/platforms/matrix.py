"""Matrix: the transactions that a homeserver pushes to an application service.

https://spec.matrix.org/latest/application-service-api/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from services.ingest.platforms.contract import (
    Draft,
    Mapped,
    Platform,
    Received,
    Reply,
    Request,
    Secrets,
    bearer,
    moment,
    read_json,
    require_same,
    within_bounds,
)
from services.ingest.platforms.payload import Payload

NOT_FOUND: Final = Reply(b'{"errcode": "M_NOT_FOUND"}', status=404)
"""The answer to whether a user or an alias is ours to make: none is."""
MEDIA: Final = {"m.image": "image", "m.audio": "voice", "m.video": "video", "m.file": "file"}
BECOMES: Final = {
    "m.room.message": ("message.posted",),
    "m.room.message (m.replace)": ("message.edited",),
    "m.sticker": ("message.posted",),
    "m.room.redaction": ("message.deleted",),
    "m.reaction": ("reaction.added",),
    "m.room.member": ("member.joined", "member.left", "member.updated"),
}
_TRANSACTION: Final = re.compile(r"(?:_matrix/app/v1/)?transactions/[^/]+")
_PING: Final = "_matrix/app/v1/ping"


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Read a transaction; say of users and aliases that they are not ours."""
    token = bearer(request) or request.query.get("access_token", "")
    require_same(token, secrets["hs_token"])
    if request.method == "POST" and request.rest == _PING:
        return Received()
    if request.method != "PUT" or not _TRANSACTION.fullmatch(request.rest):
        return Received(ignored=[request.method], reply=NOT_FOUND)
    drafts, ignored = [], []
    events = Payload(read_json(request.body))["events"].value
    for event in map(Payload, within_bounds(events if isinstance(events, list) else [])):
        make = _MAKERS.get(event["type"].text)
        found = [] if make is None else list(make(event))
        drafts += found
        ignored += [] if found else [event["type"].text]
    return Received(drafts, ignored)


def _posted(event: Payload) -> Iterator[Draft]:
    content = event["content"]
    relation = content["m.relates_to"]
    if relation["rel_type"].text == "m.replace":
        text = content["m.new_content"]["body"].text
        edit = {"message": relation["event_id"].id, "text": text}
        yield _draft("m.room.message (m.replace)", "message.edited", event, edit)
        return
    kind = event["type"].text
    media = "sticker" if kind == "m.sticker" else MEDIA.get(content["msgtype"].text, "text")
    data = {
        "message": event["event_id"].id,
        "text": content["body"].text,
        "media": media,
        "role": "bot" if content["msgtype"].text == "m.notice" else "member",
        "reply_to": relation["m.in_reply_to"]["event_id"].id,
        "mentions": [user.id for user in content["m.mentions"]["user_ids"] if user.id],
    }
    if content:
        yield _draft(kind, "message.posted", event, data)


def _redacted(event: Payload) -> Iterator[Draft]:
    message = event["redacts"].id or event["content"]["redacts"].id
    yield _draft("m.room.redaction", "message.deleted", event, {"message": message})


def _reacted(event: Payload) -> Iterator[Draft]:
    relation = event["content"]["m.relates_to"]
    data = {"message": relation["event_id"].id, "emoji": relation["key"].text}
    if data["message"]:
        yield _draft("m.reaction", "reaction.added", event, data)


def _membership(event: Payload) -> Iterator[Draft]:
    now, before = event["content"], event["unsigned"]["prev_content"]
    was, name, person = before["membership"].text, now["displayname"].text, event["state_key"].id
    data: dict[str, Any] = {"member": person}
    match now["membership"].text:
        case "join" if was != "join":
            inviter = event["unsigned"]["prev_sender"].id if was == "invite" else ""
            data |= {"name": name, "invited_by": inviter}
            yield _draft("m.room.member", "member.joined", event, data)
        case "join" if name != before["displayname"].text:
            yield _draft("m.room.member", "member.updated", event, data | {"name": name})
        case "leave" if was in ("join", ""):
            reason = "left" if event["sender"].id == person else "kicked"
            yield _draft("m.room.member", "member.left", event, data | {"reason": reason})
        case "ban":
            yield _draft("m.room.member", "member.left", event, data | {"reason": "banned"})


def _draft(kind: str, type: str, event: Payload, data: dict[str, Any]) -> Draft:
    return Draft(
        kind=kind,
        type=type,
        id=event["event_id"].id,
        time=moment(event["origin_server_ts"].seconds),
        data={"group": event["room_id"].id, "member": event["sender"].id} | data,
    )


_MAKERS: Final[Mapping[str, Callable[[Payload], Iterator[Draft]]]] = {
    "m.room.message": _posted,
    "m.sticker": _posted,
    "m.room.redaction": _redacted,
    "m.reaction": _reacted,
    "m.room.member": _membership,
}

MATRIX: Final = Platform(
    name="matrix",
    needs=("hs_token",),
    methods=("GET", "POST", "PUT"),
    becomes=BECOMES,
    receive=receive,
)
