"""Mattermost's bulk export: lines of JSON, alone or in a zip with the attachments.

https://docs.mattermost.com/administration-guide/manage/bulk-export-tool.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

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
from steward.replay.json_items import BrokenExportError
from steward.replay.teller import Teller

_JOINED: Final = frozenset({"system_join_channel", "system_add_to_channel", "system_join_team"})
_LEFT: Final = frozenset(
    {"system_leave_channel", "system_remove_from_channel", "system_leave_team"}
)


def recognises(names: Sequence[str], head: str) -> bool:
    """Whether the first line tells the version of the format."""
    first = head.partition("\n")[0].replace(" ", "")
    return first.startswith('{"type":"version"') or '"type":"version","version":' in first


def read(export: Export, teller: Teller) -> Iterator[BaseEvent]:
    """Yield the channels' posts with their replies and reactions; no direct posts."""
    for name in export.names:
        if name.endswith((".jsonl", ".json", ".jsonl.gz")):
            with export.open(name) as stream:
                reader = Posts(teller)
                for number, line in enumerate(stream, 1):
                    if line.strip():
                        yield from reader.events(_decode(line, name, number))


class Posts:
    """The posts of one file, in a group a channel; who runs the team is known from the users."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._roles: dict[str, Role] = {}

    def events(self, line: dict[str, Any]) -> Iterator[BaseEvent]:
        """Yield what one line says."""
        kind = line.get("type")
        if kind == "user":
            self._know(line["user"])
        elif kind == "bot":
            self._roles[line["bot"]["username"]] = Role.BOT
        elif kind == "post":
            yield from self._post(line["post"])
        elif kind == "direct_post":
            self._teller.skip("direct messages")

    def _know(self, user: dict[str, Any]) -> None:
        if "system_admin" in (user.get("roles") or ""):
            self._roles[user["username"]] = Role.OPERATOR

    def _post(self, post: dict[str, Any]) -> Iterator[BaseEvent]:
        group = f"{post['team']}/{post['channel']}"
        common, type = self._common(group, post), post.get("type") or ""
        if type in _JOINED:
            yield self._teller.tell(MemberJoined, **common)
        elif type in _LEFT:
            yield self._teller.tell(MemberLeft, **common)
        elif type.startswith("system_"):
            self._teller.skip(f"messages of the type {type}")
        else:
            yield from self._message(post, common)
            for reply in post.get("replies") or ():
                answer = {"reply_to": common["id"], "reply_to_member": common["member"]}
                yield from self._message(reply, self._common(group, reply), answer)

    def _message(
        self, post: dict[str, Any], common: dict[str, Any], answer: dict[str, Any] | None = None
    ) -> Iterator[BaseEvent]:
        id, text = common["id"], post.get("message") or ""
        media = Media.FILE if post.get("attachments") else Media.TEXT
        yield self._teller.tell(
            MessagePosted, **common, message=id, text=text, media=media, **(answer or {})
        )
        if post.get("edit_at"):
            edited = {**common, "id": f"{id}/edited", "time": post["edit_at"]}
            yield self._teller.tell(MessageEdited, **edited, message=id, text=text)
        for reaction in post.get("reactions") or ():
            user, emoji = reaction["user"], reaction["emoji_name"]
            own = {**common, "id": f"{id}/reaction/{user}/{emoji}", "member": user}
            own |= {"time": reaction["create_at"], "role": self._role(user)}
            yield self._teller.tell(
                ReactionAdded, **own, message=id, author=common["member"], emoji=emoji
            )

    def _common(self, group: str, post: dict[str, Any]) -> dict[str, Any]:
        """Posts have no ids here: they are known by their time, author and text."""
        user, time = post["user"], post["create_at"]
        return {
            "id": self._teller.name(group, time, user, post.get("message") or ""),
            "group": group,
            "member": user,
            "time": time,
            "role": self._role(user),
        }

    def _role(self, user: str) -> Role:
        return self._roles.get(user, Role.MEMBER)


def _decode(line: bytes, name: str, number: int) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise BrokenExportError(f"line {number} of {name} cannot be read: {error}") from None
