"""Slack's workspace export: a zip (or directory) with a folder a channel and a file a day.

https://slack.com/help/articles/220556107
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from shared.events import (
    BaseEvent,
    Media,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
    Role,
)
from steward.replay.export import Export, base
from steward.replay.json_items import BrokenExportError
from steward.replay.teller import Teller, keys

_CHANNEL_LISTS: Final = ("channels.json", "groups.json")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\.json$")
_MENTION: Final = re.compile(r"<@(\w+)(?:\|[^>]*)?>")
_LINK: Final = re.compile(r"<((?:https?|mailto)[^|>]*)(?:\|([^>]*))?>")
_CHANNEL: Final = re.compile(r"<#\w+\|([^>]*)>")
_POSTED: Final = frozenset({"", "bot_message", "me_message", "file_share", "thread_broadcast"})
_MEDIA: Final = {"image": Media.IMAGE, "video": Media.VIDEO, "audio": Media.VOICE}


def recognises(names: Sequence[str], head: str) -> bool:
    """Whether this is laid out like a workspace export."""
    return "users.json" in {base(name) for name in names} and any(
        base(name) == "channels.json" for name in names
    )


def read(export: Export, teller: Teller) -> Iterator[BaseEvent]:
    """Yield the channels' events, merged in order of time; direct messages are left out."""
    roles = _roles(export)
    channels = _channels(export)
    days: dict[str, list[str]] = defaultdict(list)
    for name in export.names:
        folder = PurePosixPath(name).parent.name
        if _DAY.search(name):
            if folder in channels:
                days[folder].append(name)
            else:
                teller.skip("days of direct messages")
    streams = [
        Channel(channels[folder], roles, teller).events(export, names)
        for folder, names in sorted(days.items())
    ]
    yield from merge(*streams, key=lambda event: event.time)


class Channel:
    """One channel's messages, day by day."""

    def __init__(self, id: str, roles: Mapping[str, Role], teller: Teller) -> None:
        self._id = id
        self._roles = roles
        self._teller = teller

    def events(self, export: Export, days: Sequence[str]) -> Iterator[BaseEvent]:
        """Yield the events of these files, which hold a day each."""
        for day in days:
            for message in _load(export, day):
                yield from self._events(message)

    def _events(self, message: dict[str, Any]) -> Iterator[BaseEvent]:
        subtype = message.get("subtype", "")
        member = message.get("user") or message.get("bot_id")
        if member is None or message.get("type") != "message":
            self._teller.skip("messages without an author")
            return
        common = self._common(member, message["ts"], message["ts"])
        if subtype in ("channel_join", "group_join"):
            name = (message.get("user_profile") or {}).get("real_name") or ""
            inviter = message.get("inviter")
            yield self._teller.tell(MemberJoined, **common, name=name, invited_by=inviter)
        elif subtype in ("channel_leave", "group_leave"):
            yield self._teller.tell(MemberLeft, **common)
        elif subtype == "tombstone":
            yield self._teller.tell(MessageDeleted, **common, message=message["ts"])
        elif subtype in _POSTED:
            yield from self._posted(message, member, common)
        else:
            self._teller.skip(f"messages of the type {subtype}")

    def _posted(
        self, message: dict[str, Any], member: str, common: dict[str, Any]
    ) -> Iterator[BaseEvent]:
        ts, thread, written = message["ts"], message.get("thread_ts"), message.get("text") or ""
        text = _text(written)
        if message.get("subtype") == "bot_message":
            common["role"] = Role.BOT
        replies = thread is not None and thread != ts
        yield self._teller.tell(
            MessagePosted,
            **common,
            message=ts,
            text=text,
            media=_media(message.get("files") or ()),
            reply_to=thread if replies else None,
            reply_to_member=message.get("parent_user_id") if replies else None,
            mentions=keys(_MENTION.findall(written)),
        )
        edited = message.get("edited")
        if edited:
            change = self._common(edited.get("user") or member, f"{ts}/edited", edited["ts"])
            yield self._teller.tell(MessageEdited, **change, message=ts, text=text)
        for reaction in message.get("reactions") or ():
            for user in reaction.get("users") or ():
                self_id = f"{ts}/reaction/{user}/{reaction['name']}"
                own = self._common(user, self_id, ts)
                yield self._teller.tell(
                    ReactionAdded, **own, message=ts, author=member, emoji=reaction["name"]
                )

    def _common(self, member: str, id: str, ts: str) -> dict[str, Any]:
        return {
            "id": f"{self._id}/{id}",
            "group": self._id,
            "member": member,
            "time": int(float(ts) * 1000),
            "role": self._roles.get(member, Role.MEMBER),
        }


def _load(export: Export, name: str) -> list[dict[str, Any]]:
    with export.open(name) as stream:
        try:
            return msgspec.json.decode(stream.read(), type=list[dict[str, Any]])
        except msgspec.DecodeError as error:
            raise BrokenExportError(f"{name} cannot be read: {error}") from None


def _roles(export: Export) -> dict[str, Role]:
    """Who is a bot, and who runs the workspace; deleted accounts are members."""
    roles: dict[str, Role] = {"USLACKBOT": Role.BOT}
    for name in export.names:
        if base(name) == "users.json":
            for user in _load(export, name):
                if user.get("is_bot"):
                    roles[user["id"]] = Role.BOT
                elif user.get("is_owner") or user.get("is_primary_owner"):
                    roles[user["id"]] = Role.OWNER
                elif user.get("is_admin"):
                    roles[user["id"]] = Role.OPERATOR
    return roles


def _channels(export: Export) -> dict[str, str]:
    """The channels' ids by the names that their folders have."""
    lists = [name for name in export.names if base(name) in _CHANNEL_LISTS]
    return {one["name"]: one["id"] for name in lists for one in _load(export, name)}


def _text(written: str) -> str:
    """Return a text as it is shown: mentions and links are marked up, `&<>` escaped."""
    if "<" in written:
        written = _MENTION.sub(r"@\1", written)
        written = _CHANNEL.sub(r"#\1", written)
        written = _LINK.sub(lambda link: " ".join(filter(None, link.group(2, 1))), written)
    return html.unescape(written)


def _media(files: Sequence[dict[str, Any]]) -> Media:
    for file in files:
        return _MEDIA.get(str(file.get("mimetype", "")).partition("/")[0], Media.FILE)
    return Media.TEXT
