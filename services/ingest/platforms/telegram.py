"""Telegram: bot updates, with the secret token that `setWebhook` was given.

https://core.telegram.org/bots/api#update
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    require_same,
)
from services.ingest.platforms.payload import Payload

HEADER: Final = "x-telegram-bot-api-secret-token"
GROUPS: Final = ("group", "supergroup", "channel")
MEDIA: Final = {
    "photo": "image",
    "sticker": "sticker",
    "animation": "sticker",
    "voice": "voice",
    "video": "video",
    "video_note": "video",
    "audio": "file",
    "document": "file",
}
INSIDE: Final = ("creator", "administrator", "member", "restricted")
ROLES: Final = {"creator": "owner", "administrator": "operator"}
BECOMES: Final = {
    "message": ("message.posted",),
    "message with new_chat_members": ("member.joined",),
    "message with left_chat_member": ("member.left",),
    "channel_post": ("message.posted",),
    "edited_message": ("message.edited",),
    "edited_channel_post": ("message.edited",),
    "message_reaction": ("reaction.added",),
    "chat_member": ("member.joined", "member.left", "member.updated"),
}


def receive(request: Request, secrets: Secrets, _: Mapped | None) -> Received:
    """Read one update."""
    require_same(request.header(HEADER), secrets["secret_token"])
    update = Payload(read_json(request.body))
    drafts = [draft for kind, make in _MAKERS.items() for draft in make(kind, update, update[kind])]
    kinds = update.value.keys() - {"update_id"} if isinstance(update.value, dict) else ()
    return Received(drafts, [] if drafts else [str(kind) for kind in kinds] or ["none"])


def _posted(kind: str, update: Payload, message: Payload) -> Iterator[Draft]:
    if message["chat"]["type"].text not in GROUPS:
        return
    if "new_chat_members" in message:
        yield from _joined(f"{kind} with new_chat_members", message)
        return
    if "left_chat_member" in message:
        yield from _left(f"{kind} with left_chat_member", message)
        return
    media = next((name for field, name in MEDIA.items() if field in message), "text")
    text = message.first("text", "caption").text
    if media == "text" and not text:
        return
    reply = message["reply_to_message"]
    data = _who(message) | {
        "message": message["message_id"].id,
        "text": text,
        "media": media,
        "reply_to": reply["message_id"].id,
        "reply_to_member": reply["from"]["id"].id,
        "mentions": [
            entity["user"]["id"].id
            for entity in message.first("entities", "caption_entities")
            if entity["type"].text == "text_mention" and entity["user"]["id"].id
        ],
    }
    yield _draft(kind, "message.posted", update["update_id"].id, message, data)


def _edited(kind: str, update: Payload, message: Payload) -> Iterator[Draft]:
    if message["chat"]["type"].text not in GROUPS:
        return
    data = _who(message) | {
        "message": message["message_id"].id,
        "text": message.first("text", "caption").text,
    }
    time = message.first("edit_date", "date")
    yield _draft(kind, "message.edited", update["update_id"].id, message, data, time)


def _reacted(kind: str, update: Payload, reaction: Payload) -> Iterator[Draft]:
    if reaction["chat"]["type"].text not in GROUPS:
        return
    before = {_emoji(each) for each in reaction["old_reaction"]}
    new = [emoji for each in reaction["new_reaction"] if (emoji := _emoji(each)) not in before]
    for emoji in new:
        data = _who(reaction, "user", "actor_chat") | {
            "message": reaction["message_id"].id,
            "emoji": emoji,
        }
        yield _draft(kind, "reaction.added", f"{update['update_id'].id}:{emoji}", reaction, data)


def _membership(kind: str, update: Payload, change: Payload) -> Iterator[Draft]:
    if change["chat"]["type"].text not in GROUPS:
        return
    before, after = change["old_chat_member"], change["new_chat_member"]
    person, inside = after["user"], _inside(after)
    data: dict[str, Any] = {
        "group": change["chat"]["id"].id,
        "member": person["id"].id,
        "role": _role(after),
    }
    if inside and not _inside(before):
        yield _join(kind, change, person, data)
    elif not inside and _inside(before):
        reason = "banned" if after["status"].text == "kicked" else "left"
        yield _leave(kind, change, data | {"reason": reason})
    elif inside and before["status"].text != after["status"].text:
        data |= {"name": _name(person), "attributes": {"status": after["status"].text[:200]}}
        yield _draft(kind, "member.updated", update["update_id"].id, change, data)


def _joined(kind: str, message: Payload) -> Iterator[Draft]:
    for person in message["new_chat_members"]:
        role = "bot" if person["is_bot"] else "member"
        data = {"group": message["chat"]["id"].id, "member": person["id"].id, "role": role}
        yield _join(kind, message, person, data)


def _left(kind: str, message: Payload) -> Iterator[Draft]:
    person = message["left_chat_member"]["id"].id
    reason = "left" if person == message["from"]["id"].id else "kicked"
    data = {"group": message["chat"]["id"].id, "member": person, "reason": reason}
    yield _leave(kind, message, data)


def _join(kind: str, told: Payload, person: Payload, data: dict[str, Any]) -> Draft:
    inviter = told["from"]["id"].id
    data |= {"name": _name(person), "invited_by": inviter if inviter != data["member"] else ""}
    return _draft(kind, "member.joined", _passage("join", told, data), told, data)


def _leave(kind: str, told: Payload, data: dict[str, Any]) -> Draft:
    return _draft(kind, "member.left", _passage("leave", told, data), told, data)


def _passage(what: str, told: Payload, data: dict[str, Any]) -> str:
    """Return the id of a join or leave: a bot that is told twice of one counts it once."""
    return f"{what}:{data['group']}:{data['member']}:{told['date'].id}"


def _draft(
    kind: str,
    type: str,
    id: str,
    told: Payload,
    data: dict[str, Any],
    time: Payload | None = None,
) -> Draft:
    at = moment((told["date"] if time is None else time).number)
    return Draft(kind=kind, type=type, id=id, time=at, data=data)


def _who(told: Payload, person: str = "from", chat: str = "sender_chat") -> dict[str, Any]:
    """Return group, member and role; whoever speaks as the chat itself runs it."""
    group = told["chat"]["id"].id
    speaker = told[chat]["id"].id
    if speaker or not told[person]:
        as_group = speaker in ("", group)
        role = "operator" if as_group else "member"
        return {"group": group, "member": speaker or group, "role": role}
    role = "bot" if told[person]["is_bot"] else "member"
    return {"group": group, "member": told[person]["id"].id, "role": role}


def _inside(member: Payload) -> bool:
    status = member["status"].text
    return status in INSIDE and not (status == "restricted" and member["is_member"].value is False)


def _role(member: Payload) -> str:
    if member["user"]["is_bot"]:
        return "bot"
    return ROLES.get(member["status"].text, "member")


def _name(person: Payload) -> str:
    return " ".join(filter(None, (person["first_name"].text, person["last_name"].text)))


def _emoji(reaction: Payload) -> str:
    return reaction.first("emoji", "custom_emoji_id", "type").text


_MAKERS: Final[Mapping[str, Any]] = {
    "message": _posted,
    "channel_post": _posted,
    "edited_message": _edited,
    "edited_channel_post": _edited,
    "message_reaction": _reacted,
    "chat_member": _membership,
}

TELEGRAM: Final = Platform(
    name="telegram", needs=("secret_token",), becomes=BECOMES, receive=receive
)
