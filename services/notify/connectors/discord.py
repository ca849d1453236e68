"""Discord, by its HTTP API: https://discord.com/developers/docs/reference. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from services.notify.attempts import Result
from services.notify.connectors.contract import HttpRequest
from services.notify.connectors.saying import (
    ADDRESSED,
    IN_GROUP,
    TO_OPERATORS,
    clipped,
    done,
    encoded,
    gone,
    needed,
    number,
    refused,
    segment,
    told,
    too_fast,
    unknown_options,
    words,
)
from services.notify.deliveries import Attempt
from services.notify.endpoints import Endpoint
from shared.actions import Action, ActionKind

MOST_CHARACTERS: Final = 2_000
MOST_MUTE_SECONDS: Final = 28 * 86_400
UNKNOWN: Final = frozenset({10_007, 10_008, 10_026})
"""Codes for a member, message or ban that is not there: what was asked for is so already."""
_MODERATING: Final = frozenset(
    {
        ActionKind.MEMBER_MUTE,
        ActionKind.MEMBER_UNMUTE,
        ActionKind.MEMBER_KICK,
        ActionKind.MEMBER_BAN,
        ActionKind.MEMBER_UNBAN,
    }
)

Call = tuple[str, str, dict[str, Any] | None]
"""HTTP method, path, and body."""


class Discord:
    """Speaks and moderates as a bot. Groups are guilds' ids, messages `channel/message`."""

    kinds: Final = IN_GROUP | TO_OPERATORS | _MODERATING | {ActionKind.MESSAGE_DELETE}
    rate: Final = 5.0

    def check(self, endpoint: Endpoint) -> Mapping[str, str]:
        wrong = unknown_options(endpoint, {"channel", "operators"})
        if not 20 <= len(endpoint.credential) <= 200 or not endpoint.credential.isascii():
            wrong["credential"] = "is no token of a bot"
        return wrong

    def request(self, attempt: Attempt, endpoint: Endpoint, now: int) -> HttpRequest:
        action = attempt.delivery.action
        method, path, fields = _call(action, endpoint, attempt.delivery.webhook_id, now)
        headers = {
            "authorization": f"Bot {endpoint.credential}",
            "user-agent": "DiscordBot (Steward, 0.1)",
        }
        if action.kind in _MODERATING and action.reason:
            headers["x-audit-log-reason"] = quote(action.reason[:100], safe=" ")[:512]
        if fields is not None:
            headers["content-type"] = "application/json"
        body = b"" if fields is None else encoded(fields)
        return HttpRequest(f"{endpoint.url.rstrip('/')}{path}", headers, body, method)

    def result(self, answer: Result) -> Result:
        if answer.status < 400 or answer.status >= 500:
            return answer
        said = told(answer)
        if answer.status == 429:
            after = said.get("retry_after")
            return too_fast(answer, after if isinstance(after, int | float) else 5)
        if number(said.get("code")) in UNKNOWN:
            return done(answer)
        return gone(answer) if answer.status == 401 else refused(answer)


def _call(action: Action, endpoint: Endpoint, nonce: str, now: int) -> Call:
    if action.kind in IN_GROUP or action.kind in TO_OPERATORS:
        return _say(action, endpoint, nonce)
    if action.kind is ActionKind.MESSAGE_DELETE:
        channel, message = _place(needed(action.message, "message"))
        return "DELETE", f"/channels/{channel}/messages/{message}", None
    guild, member = segment(action.group), segment(needed(action.member, "member"))
    match action.kind:
        case ActionKind.MEMBER_BAN:
            return "PUT", f"/guilds/{guild}/bans/{member}", {"delete_message_seconds": 0}
        case ActionKind.MEMBER_UNBAN:
            return "DELETE", f"/guilds/{guild}/bans/{member}", None
        case ActionKind.MEMBER_KICK:
            return "DELETE", f"/guilds/{guild}/members/{member}", None
    until = None
    if action.kind is ActionKind.MEMBER_MUTE:
        seconds = min(action.seconds or MOST_MUTE_SECONDS, MOST_MUTE_SECONDS)
        until = datetime.fromtimestamp(now + seconds, tz=UTC).isoformat()
    return "PATCH", f"/guilds/{guild}/members/{member}", {"communication_disabled_until": until}


def _say(action: Action, endpoint: Endpoint, nonce: str) -> Call:
    called = [action.member] if action.kind in ADDRESSED and action.member else []
    text = "".join(f"<@{member}> " for member in called) + words(action)
    fields: dict[str, Any] = {
        "content": clipped(text, MOST_CHARACTERS),
        "allowed_mentions": {"users": called} if called else {"parse": []},
        # Discord drops a second message of the same nonce within some minutes.
        "nonce": nonce.replace("-", "")[:25],
        "enforce_nonce": True,
    }
    if action.kind in TO_OPERATORS:
        operators = endpoint.options.get("operators")
        channel = segment(needed(operators, "channel of operators: set `operators`"))
    elif action.message is not None:
        channel, message = _place(action.message)
        fields["message_reference"] = {"message_id": message, "fail_if_not_exists": False}
    else:
        channel = segment(needed(endpoint.options.get("channel"), "channel: set `channel`"))
    return "POST", f"/channels/{channel}/messages", fields


def _place(message: str) -> tuple[str, str]:
    """Return the channel and the id of a message."""
    channel, _, id = message.partition("/")
    return segment(needed(channel, "channel")), segment(needed(id, "message's channel"))
