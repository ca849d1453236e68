"""Robots of a single group: Feishu or Lark, WeCom (企业微信) and DingTalk (钉钉). Pure.

They can speak and nothing else. Their credential is the token in the robot's
URL, and behind a colon the secret that signs, where the robot asks for one.

- https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
- https://developer.work.weixin.qq.com/document/path/91770
- https://open.dingtalk.com/document/robots/custom-robot-access
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from services.notify.attempts import Result
from services.notify.connectors.contract import HttpRequest, UnsupportedError
from services.notify.connectors.saying import (
    ADDRESSED,
    IN_GROUP,
    TO_OPERATORS,
    busy,
    clipped_to_bytes,
    done,
    encoded,
    gone,
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
from shared.actions import Action

AUDIENCES: Final = ("group", "operators")
"""Who is in the robot's group: the members that it is about, or operators."""
_CREDENTIAL: Final = re.compile(r"[\w-]{8,200}(:[\w-]{8,200})?", re.ASCII)
_JSON: Final = {"content-type": "application/json; charset=utf-8"}


class _Robot:
    """What the robots have in common."""

    kinds: Final = IN_GROUP | TO_OPERATORS

    def check(self, endpoint: Endpoint) -> Mapping[str, str]:
        wrong = unknown_options(endpoint, {"audience"})
        if not _CREDENTIAL.fullmatch(endpoint.credential):
            wrong["credential"] = "is neither a robot's token nor token:secret"
        audience = endpoint.options.get("audience", "group")
        if audience not in AUDIENCES:
            wrong["options/audience"] = f"is none of {', '.join(AUDIENCES)}"
        elif audience == "group" and len(endpoint.groups) != 1:
            wrong["groups"] = "name the one group that the robot is in"
        return wrong


class Feishu(_Robot):
    """A custom bot of Feishu or Lark."""

    rate: Final = 100 / 60
    MOST_BYTES: Final = 15_000
    TOO_FAST: Final = frozenset({11_232, 11_233, 11_247})
    GONE: Final = frozenset({19_001})

    def request(self, attempt: Attempt, endpoint: Endpoint, now: int) -> HttpRequest:
        action = _said(attempt, endpoint)
        token, secret = _parts(endpoint)
        # Feishu reads tags in the text: what members wrote must not call everybody.
        text = words(action).replace("<at", "＜at")
        if action.kind in ADDRESSED and action.member:
            text = f'<at user_id="{_attribute(action.member)}"></at> {text}'
        text = clipped_to_bytes(text, self.MOST_BYTES)
        fields: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if secret:
            signed = _hmac(f"{now}\n{secret}", "")
            fields |= {"timestamp": str(now), "sign": signed}
        url = f"{endpoint.url.rstrip('/')}/open-apis/bot/v2/hook/{segment(token)}"
        return HttpRequest(url, _JSON, encoded(fields))

    def result(self, answer: Result) -> Result:
        said = told(answer)
        code = number(said.get("code", said.get("StatusCode")))
        if code in self.TOO_FAST or "too many request" in str(said.get("msg", "")).lower():
            return too_fast(answer, answer.retry_after or 60)
        return _read(answer, code, self.GONE)


class WeCom(_Robot):
    """A group robot of WeCom (企业微信群机器人)."""

    rate: Final = 20 / 60
    MOST_BYTES: Final = 2_048
    TOO_FAST: Final = frozenset({45_009, 45_033})
    GONE: Final = frozenset({93_000})

    def request(self, attempt: Attempt, endpoint: Endpoint, now: int) -> HttpRequest:
        action = _said(attempt, endpoint)
        text: dict[str, Any] = {"content": clipped_to_bytes(words(action), self.MOST_BYTES)}
        if action.kind in ADDRESSED and action.member:
            text["mentioned_list"] = [action.member]
        token, _ = _parts(endpoint)
        query = urlencode({"key": token})
        url = f"{endpoint.url.rstrip('/')}/cgi-bin/webhook/send?{query}"
        return HttpRequest(url, _JSON, encoded({"msgtype": "text", "text": text}))

    def result(self, answer: Result) -> Result:
        code = number(told(answer).get("errcode"))
        if code in self.TOO_FAST:
            return too_fast(answer, answer.retry_after or 60)
        return _read(answer, code, self.GONE)


class DingTalk(_Robot):
    """A custom robot of DingTalk (钉钉自定义机器人)."""

    rate: Final = 20 / 60
    MOST_BYTES: Final = 15_000
    TOO_FAST: Final[Mapping[int, int]] = {130_101: 600, 660_026: 60, 410_100: 60}
    """Codes for too many messages, and how many seconds to wait: ten minutes after 20 a minute."""
    GONE: Final = frozenset({300_001, 300_005})

    def request(self, attempt: Attempt, endpoint: Endpoint, now: int) -> HttpRequest:
        action = _said(attempt, endpoint)
        text = clipped_to_bytes(words(action), self.MOST_BYTES)
        called = [action.member] if action.kind in ADDRESSED and action.member else []
        if called:
            text = f"@{called[0]} {text}"
        fields = {
            "msgtype": "text",
            "text": {"content": text},
            "at": {"atUserIds": called, "isAtAll": False},
        }
        token, secret = _parts(endpoint)
        query = {"access_token": token}
        if secret:
            timestamp = str(now * 1000)
            query |= {"timestamp": timestamp, "sign": _hmac(secret, f"{timestamp}\n{secret}")}
        url = f"{endpoint.url.rstrip('/')}/robot/send?{urlencode(query)}"
        return HttpRequest(url, _JSON, encoded(fields))

    def result(self, answer: Result) -> Result:
        code = number(told(answer).get("errcode"))
        if code is not None and code in self.TOO_FAST:
            return too_fast(answer, answer.retry_after or self.TOO_FAST[code])
        return _read(answer, code, self.GONE)


def _said(attempt: Attempt, endpoint: Endpoint) -> Action:
    """Return the action, if it is for those in the robot's group."""
    action = attempt.delivery.action
    operators = endpoint.options.get("audience") == "operators"
    if operators != (action.kind in TO_OPERATORS):
        raise UnsupportedError("the action is not for those in the robot's group")
    return action


def _read(answer: Result, code: int | None, over: frozenset[int]) -> Result:
    """Return what an answer with this code in its body means."""
    if not 200 <= answer.status < 300:
        return answer
    if code == 0:
        return done(answer)
    if code in over:
        return gone(answer)
    # An answer that says nothing is taken for a fault that passes, like -1 (busy).
    return busy(answer) if code in (-1, None) else refused(answer)


def _parts(endpoint: Endpoint) -> tuple[str, str]:
    token, _, secret = endpoint.credential.partition(":")
    return token, secret


def _hmac(key: str, message: str) -> str:
    made = hmac.new(key.encode(), message.encode(), "sha256").digest()
    return base64.b64encode(made).decode()


def _attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
