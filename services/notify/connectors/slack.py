"""Slack, by its Web API: https://docs.slack.dev/reference/methods. Pure.

A bot's token deletes only its own messages; a token of an administrator
(`xoxp-…`) deletes those of members, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from services.notify.attempts import Result
from services.notify.connectors.contract import HttpRequest
from services.notify.connectors.saying import (
    ADDRESSED,
    IN_GROUP,
    TO_OPERATORS,
    busy,
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

MOST_CHARACTERS: Final = 4_000
DONE: Final = frozenset({"message_not_found"})
REVOKED: Final = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
PASSING: Final = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
)
_TOKEN: Final = re.compile(r"xox[a-z]-[A-Za-z0-9-]{10,250}")

Call = tuple[str, dict[str, Any]]


class Slack:
    """Speaks as an app, and removes. Groups are channels' ids, messages their `ts`."""

    kinds: Final = (
        IN_GROUP
        | TO_OPERATORS
        | {ActionKind.MEMBER_MESSAGE, ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_KICK}
    )
    rate: Final = 4.0

    def check(self, endpoint: Endpoint) -> Mapping[str, str]:
        wrong = unknown_options(endpoint, {"operators"})
        if not _TOKEN.fullmatch(endpoint.credential):
            wrong["credential"] = "is no token, such as xoxb-…"
        return wrong

    def request(self, attempt: Attempt, endpoint: Endpoint, now: int) -> HttpRequest:
        method, fields = _call(attempt.delivery.action, endpoint)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "authorization": f"Bearer {endpoint.credential}",
        }
        return HttpRequest(f"{endpoint.url.rstrip('/')}/{method}", headers, encoded(fields))

    def result(self, answer: Result) -> Result:
        if answer.status == 429:
            return too_fast(answer, answer.retry_after or 30)
        if not 200 <= answer.status < 300:
            return answer
        said = told(answer)
        error = str(said.get("error", ""))
        if said.get("ok") is True or error in DONE:
            return done(answer)
        if error in REVOKED:
            return gone(answer)
        if error == "ratelimited":
            return too_fast(answer, answer.retry_after or 30)
        # An answer that says nothing is taken for a fault that passes.
        return busy(answer) if error in PASSING or not error else refused(answer)


def _call(action: Action, endpoint: Endpoint) -> Call:
    """Return the method of the Web API and its arguments."""
    match action.kind:
        case ActionKind.MESSAGE_DELETE:
            return "chat.delete", {
                "channel": action.group,
                "ts": needed(action.message, "message"),
            }
        case ActionKind.MEMBER_KICK:
            member = needed(action.member, "member")
            return "conversations.kick", {"channel": action.group, "user": member}
        case ActionKind.MEMBER_MESSAGE:
            return _post(needed(action.member, "member"), action)
        case kind if kind in TO_OPERATORS:
            operators = endpoint.options.get("operators")
            return _post(needed(operators, "channel of operators: set `operators`"), action)
    method, fields = _post(action.group, action)
    if action.message is not None:
        fields["thread_ts"] = action.message
    return method, fields


def _post(channel: str, action: Action) -> Call:
    text = _escaped(clipped(words(action), MOST_CHARACTERS))
    if action.kind in ADDRESSED and action.member:
        text = f"<@{_escaped(action.member)}> {text}"
    fields: dict[str, Any] = {"channel": channel, "text": text}
    name, avatar = action.details.get("persona_name"), action.details.get("persona_avatar")
    if isinstance(name, str) and name:
        fields["username"] = name
        fields |= {"icon_url": avatar} if avatar else {}
    return "chat.postMessage", fields


def _escaped(text: str) -> str:
    """Return text that mentions nobody and links nothing by itself."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
