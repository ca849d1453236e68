"""Zulip's organisation export: `realm.json` and `messages-000001.json` …, in a tar or unpacked.

https://zulip.com/help/export-your-organization
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from shared.events import BaseEvent, MessageEdited, MessagePosted, ReactionAdded, Role
from steward.replay.export import Export, base
from steward.replay.json_items import items
from steward.replay.reactions import Reactions
from steward.replay.teller import Teller

_USERS: Final = (
    "zerver_userprofile.item",
    "zerver_userprofile_crossrealm.item",
    "zerver_userprofile_mirrordummy.item",
)
_MESSAGES: Final = re.compile(r"messages-\d+\.json$")
_STREAM: Final = 2
"""`zerver_recipient.type` of a channel; the others are direct messages."""
_OPERATORS: Final = {100: Role.OWNER, 200: Role.OPERATOR, 300: Role.OPERATOR}
"""`zerver_userprofile.role`: owner, administrator, moderator."""


class Realm(NamedTuple):
    """Channels by recipient, the roles of those who are not ordinary members, reactions."""

    streams: dict[int, str]
    roles: dict[int, Role]
    reactions: Reactions

    def role(self, user: int) -> Role:
        return self.roles.get(user, Role.MEMBER)


def recognises(names: Sequence[str], head: str) -> bool:
    """Whether the files are called as in an organisation's export."""
    return any(base(name) == "realm.json" for name in names)


def read(export: Export, teller: Teller) -> Iterator[BaseEvent]:
    """Yield the channels' messages; direct messages are left out.

    Reactions stand in `realm.json`, apart from what they are about and without
    a time: they get their message's.
    """
    realm = _realm(export)
    for name in export.names:
        if _MESSAGES.search(name):
            with export.open(name) as stream:
                for _, message in items(stream, "zerver_message.item"):
                    yield from _events(message, realm, teller)


def _realm(export: Export) -> Realm:
    realm = Realm({}, {}, Reactions())
    places = (*_USERS, "zerver_recipient.item", "zerver_reaction.item")
    for name in export.names:
        if base(name) != "realm.json":
            continue
        with export.open(name) as stream:
            for place, value in items(stream, *places):
                if place == "zerver_reaction.item":
                    realm.reactions.add(
                        value["message"], value["user_profile"], value["emoji_name"]
                    )
                elif place == "zerver_recipient.item":
                    if value["type"] == _STREAM:
                        realm.streams[value["id"]] = str(value["type_id"])
                elif value.get("is_bot"):
                    realm.roles[value["id"]] = Role.BOT
                elif value.get("role") in _OPERATORS:
                    realm.roles[value["id"]] = _OPERATORS[value["role"]]
    realm.reactions.sort()
    return realm


def _events(message: dict[str, Any], realm: Realm, teller: Teller) -> Iterator[BaseEvent]:
    stream = realm.streams.get(message["recipient"])
    if stream is None:
        teller.skip("direct messages")
        return
    id, text = str(message["id"]), message.get("content") or ""
    common: dict[str, Any] = {
        "id": id,
        "group": stream,
        "member": str(message["sender"]),
        "time": int(message["date_sent"] * 1000),
        "role": realm.role(message["sender"]),
    }
    yield teller.tell(MessagePosted, **common, message=id, text=text)
    edited = message.get("last_edit_time")
    if edited:
        change = {**common, "id": f"{id}/edited", "time": int(edited * 1000)}
        yield teller.tell(MessageEdited, **change, message=id, text=text)
    for user, emoji in realm.reactions.of(message["id"]):
        own = {**common, "id": f"{id}/reaction/{user}/{emoji}", "member": str(user)}
        own |= {"role": realm.role(user)}
        author = common["member"]
        yield teller.tell(ReactionAdded, **own, message=id, author=author, emoji=emoji)
