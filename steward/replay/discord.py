"""DiscordChatExporter's JSON: one file a channel; a server's channels are one group.

https://github.com/Tyrrrz/DiscordChatExporter
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from shared.events import (
    BaseEvent,
    Media,
    MemberJoined,
    MemberLeft,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
    Role,
)
from steward.replay.export import Export
from steward.replay.json_items import items
from steward.replay.recent import Recent
from steward.replay.teller import Teller, keys

_KINDS: Final = {
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp"), Media.IMAGE),
    **dict.fromkeys(("mp4", "mov", "webm"), Media.VIDEO),
    "ogg": Media.VOICE,
}


def recognises(names: Sequence[str], head: str) -> bool:
    """Whether this is what the exporter writes."""
    start = head[:4000]
    return '"guild"' in start and '"channel"' in start


def read(export: Export, teller: Teller) -> Iterator[BaseEvent]:
    """Yield the events of every channel's file; direct messages are left out."""
    for name in export.names:
        if not name.endswith((".json", ".json.gz")):
            continue
        with export.open(name) as stream:
            guild, authors = "", Recent[str, str]()
            for place, value in items(stream, "guild.id", "messages.item"):
                if place == "guild.id":
                    guild = str(value)
                elif guild in ("", "0"):
                    teller.skip("direct messages")
                else:
                    yield from _events(value, guild, authors, teller)


def _events(
    message: dict[str, Any], guild: str, authors: Recent[str, str], teller: Teller
) -> Iterator[BaseEvent]:
    author, kind = message["author"], message["type"]
    common: dict[str, Any] = {
        "id": message["id"],
        "group": guild,
        "member": str(author["id"]),
        "time": teller.iso(message["timestamp"]),
        "role": Role.BOT if author.get("isBot") else Role.MEMBER,
    }
    if kind == "GuildMemberJoin":
        yield teller.tell(MemberJoined, **common, name=author.get("nickname") or author["name"])
    elif kind == "RecipientRemove":
        yield teller.tell(MemberLeft, **common)
    elif kind in ("Default", "Reply", "ChatInputCommand", "20", "23"):
        yield from _posted(message, common, authors, teller)
    else:
        teller.skip(f"messages of the type {kind}")


def _posted(
    message: dict[str, Any], common: dict[str, Any], authors: Recent[str, str], teller: Teller
) -> Iterator[BaseEvent]:
    id, text = message["id"], message.get("content") or ""
    authors.put(id, common["member"])
    replied = (message.get("reference") or {}).get("messageId")
    yield teller.tell(
        MessagePosted,
        **common,
        message=id,
        text=text,
        media=_media(message),
        reply_to=replied or None,
        reply_to_member=authors.get(replied),
        mentions=keys(str(one["id"]) for one in message.get("mentions") or ()),
    )
    if message.get("timestampEdited"):
        edited = {**common, "id": f"{id}/edited", "time": teller.iso(message["timestampEdited"])}
        yield teller.tell(MessageEdited, **edited, message=id, text=text)
    for reaction in message.get("reactions") or ():
        yield from _reactions(reaction, message, common, teller)


def _reactions(
    reaction: dict[str, Any], message: dict[str, Any], common: dict[str, Any], teller: Teller
) -> Iterator[BaseEvent]:
    """They have no time, so they are told with the message; older exports name nobody."""
    emoji, users = reaction["emoji"].get("name") or "custom", reaction.get("users") or ()
    for user in users:
        yield teller.tell(
            ReactionAdded,
            id=f"{message['id']}/reaction/{user['id']}/{emoji}",
            group=common["group"],
            member=str(user["id"]),
            time=common["time"],
            role=Role.BOT if user.get("isBot") else Role.MEMBER,
            message=message["id"],
            author=common["member"],
            emoji=emoji,
        )
    teller.skipped["reactions without a name"] += max(0, reaction.get("count", 0) - len(users))


def _media(message: dict[str, Any]) -> Media:
    if message.get("stickers"):
        return Media.STICKER
    for attachment in message.get("attachments") or ():
        ending = str(attachment.get("fileName", "")).rpartition(".")[2].lower()
        return _KINDS.get(ending, Media.FILE)
    return Media.TEXT
