"""Telegram, by its Bot API: https://core.telegram.org/bots/api. Pure.

A bot needs to be an administrator of the group to delete, restrict and ban.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from services.notify.attempts import Result
from services.notify.connectors.contract import HttpRequest
from services.notify.connectors.saying import (
    IN_GROUP,
    TO_OPERATORS,
    clipped,
    done,
    encoded,
    gone,
    needed,
    refused,
    told,
    too_fast,
    unknown_options,
    words,
)
from services.notify.deliveries import Attempt
from services.notify.endpoints import Endpoint
from shared.actions import Action, ActionKind

MOST_CHARACTERS: Final = 4_096
LEAST_MUTE_SECONDS: Final = 35
"""Telegram takes a restriction that ends within 30 seconds for one without end."""
PERMISSIONS: Final = tuple(
    f"can_{right}"
    for right in (
        *("send_messages", "send_audios", "send_documents", "send_photos", "send_videos"),
        *("send_video_notes", "send_voice_notes", "send_polls", "send_other_messages"),
        "add_web_page_previews",
    )
)
_TOKEN: Final = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{20,100}")
_GONE_ALREADY: Final = ("message to delete not found", "message_id_invalid")

Call = tuple[str, dict[str, Any]]


class Telegram:
    """Speaks and moderates as a bot. Groups are chats' ids, members users' ids."""

    kinds: Final = (
        IN_GROUP
        | TO_OPERATORS
        | {
            ActionKind.MEMBER_MESSAGE,
            ActionKind.MESSAGE_DELETE,
            ActionKind.MEMBER_MUTE,
            ActionKind.MEMBER_UNMUTE,
            ActionKind.MEMBER_KICK,
            ActionKind.MEMBER_BAN,
            ActionKind.MEMBER_UNBAN,
        }
    )
    rate: Final = 25.0

    def check(self, endpoint: Endpoint) -> Mapping[str, str]:
        wrong = unknown_options(endpoint, {"operators"})
        if not _TOKEN.fullmatch(endpoint.credential):
            wrong["credential"] = "is no token of a bot, such as 123456:ABC-…"
        return wrong

    def request(self, attempt: Attempt, endpoint: Endpoint, now: int) -> HttpRequest:
        method, fields = _call(attempt.delivery.action, endpoint, now)
        url = f"{endpoint.url.rstrip('/')}/bot{endpoint.credential}/{method}"
        return HttpRequest(url, {"content-type": "application/json"}, encoded(fields))

    def result(self, answer: Result) -> Result:
        said = told(answer)
        if answer.status < 400 or answer.status >= 500:
            return answer
        description = str(said.get("description", "")).lower()
        if any(phrase in description for phrase in _GONE_ALREADY):
            return done(answer)
        match answer.status:
            case 429:
                parameters = said.get("parameters")
                after = parameters.get("retry_after") if isinstance(parameters, dict) else None
                return too_fast(answer, after if isinstance(after, int) else 5)
            case 401 | 404:
                return gone(answer)
        return refused(answer)


def _call(action: Action, endpoint: Endpoint, now: int) -> Call:
    """Return the method of the Bot API and its parameters."""
    if action.kind in IN_GROUP or action.kind in TO_OPERATORS:
        return "sendMessage", _message(action, endpoint)
    if action.kind is ActionKind.MESSAGE_DELETE:
        message = needed(action.message, "message")
        return "deleteMessage", {"chat_id": action.group, "message_id": _number(message)}
    member = needed(action.member, "member")
    if action.kind is ActionKind.MEMBER_MESSAGE:
        return "sendMessage", {"chat_id": member, "text": clipped(words(action), MOST_CHARACTERS)}
    who: dict[str, Any] = {"chat_id": action.group, "user_id": _number(member)}
    match action.kind:
        case ActionKind.MEMBER_MUTE:
            until = now + max(action.seconds, LEAST_MUTE_SECONDS) if action.seconds else 0
            rights = {"permissions": dict.fromkeys(PERMISSIONS, False), "until_date": until}
            return "restrictChatMember", who | rights
        case ActionKind.MEMBER_UNMUTE:
            return "restrictChatMember", who | {"permissions": dict.fromkeys(PERMISSIONS, True)}
        case ActionKind.MEMBER_BAN:
            return "banChatMember", who
        case ActionKind.MEMBER_UNBAN:
            return "unbanChatMember", who | {"only_if_banned": True}
    # Without `only_if_banned` a member is removed, and may come back: a kick.
    return "unbanChatMember", who


def _message(action: Action, endpoint: Endpoint) -> dict[str, Any]:
    chat: str = action.group
    if action.kind in TO_OPERATORS:
        chat = needed(endpoint.options.get("operators"), "chat of operators: set `operators`")
    fields: dict[str, Any] = {"chat_id": chat, "text": clipped(words(action), MOST_CHARACTERS)}
    if action.kind in IN_GROUP and action.message is not None:
        fields["reply_parameters"] = {
            "message_id": _number(action.message),
            "allow_sending_without_reply": True,
        }
    return fields


def _number(id: str) -> int | str:
    """Return an id as Telegram has it: a number, if it is one."""
    return int(id) if id.isascii() and id.removeprefix("-").isdigit() and len(id) < 20 else id
