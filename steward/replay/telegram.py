"""Telegram Desktop's JSON export: of one chat, or of a whole account.

https://core.telegram.org/import-export
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from shared.events import (
    BaseEvent,
    Media,
    MemberJoined,
    MemberLeft,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
)
from steward.replay.export import Export
from steward.replay.json_items import items
from steward.replay.recent import Recent
from steward.replay.teller import Teller, keys

_CHATS: Final = ("", "chats.list.item.", "left_chats.list.item.")
_PLACES: Final = tuple(
    prefix + name for prefix in _CHATS for name in ("id", "type", "messages.item")
)
_MEDIA: Final = {
    "sticker": Media.STICKER,
    "animation": Media.STICKER,
    "voice_message": Media.VOICE,
    "video_message": Media.VIDEO,
    "video_file": Media.VIDEO,
    "audio_file": Media.FILE,
}


def recognises(names: Sequence[str], head: str) -> bool:
    """Whether this is what the exporter writes."""
    start = head[:4000]
    one_chat = '"messages"' in start and '"type"' in start and '"date_unixtime"' in head
    account = '"chats"' in head and '"personal_information"' in head
    return (one_chat or account) and '"guild"' not in start


def read(export: Export, teller: Teller) -> Iterator[BaseEvent]:
    """Yield the events of the groups and channels; other chats are nobody else's business."""
    for name in export.names:
        if not name.endswith((".json", ".json.gz")):
            continue
        with export.open(name) as stream:
            chat = Chat(teller, "", "")
            about: dict[str, Any] = {}
            for place, value in items(stream, *_PLACES):
                field = place.rpartition(".")[2]
                if field != "item":
                    about = {**about, field: value}
                    chat = Chat(teller, about.get("type", ""), str(about.get("id", "")))
                else:
                    yield from chat.events(value)


class Chat:
    """One chat's messages; remembers who wrote the latest ones."""

    def __init__(self, teller: Teller, type: str, id: str) -> None:
        self._teller = teller
        self._told = type.endswith(("group", "channel"))
        self._group = f"-{id}" if type == "private_group" else f"-100{id}"
        self._authors = Recent[int, str]()
        self._ids_by_name = Recent[str, str]()

    def events(self, message: dict[str, Any]) -> Iterator[BaseEvent]:
        """Yield what one entry of the export says."""
        if not self._told:
            self._teller.skip("messages of private chats")
        elif message.get("type") == "service":
            yield from self._service(message)
        else:
            yield from self._message(message)

    def _message(self, message: dict[str, Any]) -> Iterator[BaseEvent]:
        member = _member(message.get("from_id"))
        if member is None:
            self._teller.skip("messages without an author")
            return
        number, text = message["id"], _text(message.get("text"))
        self._authors.put(number, member)
        if message.get("from"):
            self._ids_by_name.put(message["from"], member)
        common = self._common(number, member, message)
        replied = message.get("reply_to_message_id")
        yield self._teller.tell(
            MessagePosted,
            **common,
            message=str(number),
            text=text,
            media=_media(message),
            reply_to=str(replied) if replied else None,
            reply_to_member=self._authors.get(replied),
            mentions=keys(_mentioned(message.get("text_entities") or ())),
        )
        if message.get("edited_unixtime"):
            edited = {**common, "id": f"{common['id']}/edited", "time": _time(message, "edited")}
            yield self._teller.tell(MessageEdited, **edited, message=str(number), text=text)
        yield from self._reactions(message, common)

    def _reactions(self, message: dict[str, Any], common: dict[str, Any]) -> Iterator[BaseEvent]:
        """The export names only the latest who reacted; the others are a number."""
        for reaction in message.get("reactions") or ():
            emoji = reaction.get("emoji") or reaction.get("document_id") or "custom"
            named = 0
            for one in reaction.get("recent") or ():
                member = _member(one.get("from_id"))
                if member is None:
                    continue
                named += 1
                yield self._teller.tell(
                    ReactionAdded,
                    id=f"{common['id']}/reaction/{member}/{emoji}",
                    group=self._group,
                    member=member,
                    time=self._teller.iso(one["date"]) if "date" in one else common["time"],
                    message=str(message["id"]),
                    author=common["member"],
                    emoji=str(emoji),
                )
            self._teller.skipped["reactions without a name"] += reaction.get("count", named) - named

    def _service(self, message: dict[str, Any]) -> Iterator[BaseEvent]:
        tell = self._ACTIONS.get(message.get("action", ""))
        actor = _member(message.get("actor_id"))
        if tell is None or actor is None:
            self._teller.skip(f"service messages: {message.get('action', 'unnamed')}")
            return
        if message.get("actor"):
            self._ids_by_name.put(message["actor"], actor)
        yield from tell(self, message, actor)

    def _joined(self, message: dict[str, Any], actor: str) -> Iterator[BaseEvent]:
        common = self._common(message["id"], actor, message)
        yield self._teller.tell(MemberJoined, **common, name=message.get("actor") or "")

    def _invited(self, message: dict[str, Any], actor: str) -> Iterator[BaseEvent]:
        """Those who are added are only named; whoever is not known by that name is left out."""
        for name in message.get("members") or ():
            member = self._ids_by_name.get(name or "")
            if member is None:
                self._teller.skip("joins of people known only by name")
                continue
            common = self._common(f"{message['id']}/{member}", member, message)
            invited_by = actor if actor != member else None
            yield self._teller.tell(MemberJoined, **common, name=name, invited_by=invited_by)

    def _removed(self, message: dict[str, Any], actor: str) -> Iterator[BaseEvent]:
        for name in message.get("members") or ():
            member = self._ids_by_name.get(name or "")
            if member is None:
                self._teller.skip("removals of people known only by name")
                continue
            common = self._common(f"{message['id']}/{member}", member, message)
            reason = "left" if member == actor else "kicked"
            yield self._teller.tell(MemberLeft, **common, reason=reason)

    def _common(self, id: object, member: str, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": f"{self._group}/{id}",
            "group": self._group,
            "member": member,
            "time": _time(message, "date"),
        }

    _ACTIONS: Final[dict[str, Callable[[Chat, dict[str, Any], str], Iterator[BaseEvent]]]] = {
        "join_group_by_link": _joined,
        "join_group_by_request": _joined,
        "invite_members": _invited,
        "remove_members": _removed,
    }


def _member(id: str | None) -> str | None:
    """Return a user's or channel's id as bots see it; a deleted account keeps its id."""
    if not id:
        return None
    if id.startswith("channel"):
        return f"-100{id.removeprefix('channel')}"
    return id.removeprefix("user")


def _time(message: dict[str, Any], which: str) -> int:
    return int(message[f"{which}_unixtime"]) * 1000


def _text(text: str | list[Any] | None) -> str:
    """Put a text together: it is a string, or a list of strings and of objects with `text`."""
    if isinstance(text, str):
        return text
    return "".join(part if isinstance(part, str) else part.get("text", "") for part in text or ())


def _mentioned(entities: Sequence[dict[str, Any]]) -> Iterator[str]:
    for entity in entities:
        if entity.get("type") == "mention_name" and entity.get("user_id"):
            yield str(entity["user_id"]).removeprefix("user")


def _media(message: dict[str, Any]) -> Media:
    if "media_type" in message:
        return _MEDIA.get(message["media_type"], Media.FILE)
    if "photo" in message:
        return Media.IMAGE
    return Media.FILE if "file" in message else Media.TEXT
