"""Chat platforms as their documentation says they behave: real HTTP servers on this machine.

Each checks credentials and signatures itself, refuses what is malformed, and
keeps what was said and done.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

TELEGRAM_TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"
SLACK_TOKEN = "xoxb-0000000000-abcdefghijkl"
DISCORD_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.ghijklmnop"
FEISHU = ("c0ffee00-0000-4000-8000-000000000001", "feishu-secret")
WECOM_KEY = "c0ffee00-0000-4000-8000-000000000002"
DINGTALK = ("0123456789abcdef0123456789abcdef", "SEC0123456789abcdef")


@dataclass
class Platforms:
    """What the platforms were asked, in order, and what they are to refuse for coming too fast."""

    url: str = ""
    done: list[tuple[str, str, Any]] = field(default_factory=list)
    limited: dict[str, int] = field(default_factory=dict)
    limited_at: dict[str, float] = field(default_factory=dict)
    done_at: dict[str, float] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)

    def of(self, platform: str) -> list[tuple[str, Any]]:
        """Return what a platform did: the call and its arguments."""
        return [(call, fields) for name, call, fields in self.done if name == platform]

    def note(self, platform: str, call: str, fields: Any) -> None:
        self.done.append((platform, call, fields))
        self.done_at.setdefault(platform, time.monotonic())

    def is_too_fast(self, platform: str) -> bool:
        """Whether the platform refuses this request for its pace."""
        if self.limited.get(platform, 0) == 0:
            return False
        self.limited[platform] -= 1
        self.limited_at[platform] = time.monotonic()
        return True

    async def telegram(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TELEGRAM_TOKEN:
            return _telegram_error(401, "Unauthorized")
        if self.is_too_fast("telegram"):
            parameters = {"retry_after": 2}
            return _telegram_error(429, "Too Many Requests: retry after 2", parameters=parameters)
        method, fields = request.match_info["method"], await request.json()
        if method not in TELEGRAM_METHODS or not TELEGRAM_METHODS[method](fields):
            return _telegram_error(400, "Bad Request: wrong parameters")
        if fields.get("message_id") == 404:
            return _telegram_error(400, "Bad Request: message to delete not found")
        if fields.get("user_id") == 403:
            return _telegram_error(400, "Bad Request: not enough rights to restrict/unrestrict")
        self.note("telegram", method, fields)
        return web.json_response({"ok": True, "result": True})

    async def slack(self, request: web.Request) -> web.Response:
        if request.headers.get("authorization") != f"Bearer {SLACK_TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        if self.is_too_fast("slack"):
            error = {"ok": False, "error": "ratelimited"}
            return web.json_response(error, status=429, headers={"retry-after": "2"})
        method, fields = request.match_info["method"], await request.json()
        needed = SLACK_ARGUMENTS.get(method)
        if needed is None or not needed <= fields.keys():
            return web.json_response({"ok": False, "error": "invalid_arguments"})
        if fields.get("ts") == "404.0":
            return web.json_response({"ok": False, "error": "message_not_found"})
        if fields.get("ts") == "403.0":
            return web.json_response({"ok": False, "error": "cant_delete_message"})
        self.note("slack", method, fields)
        return web.json_response({"ok": True, "channel": fields["channel"]})

    async def discord(self, request: web.Request) -> web.Response:
        if request.headers.get("authorization") != f"Bot {DISCORD_TOKEN}":
            return web.json_response({"message": "401: Unauthorized", "code": 0}, status=401)
        if not request.headers.get("user-agent", "").startswith("DiscordBot ("):
            return web.Response(status=403, text="blocked")
        if self.is_too_fast("discord"):
            body = {"message": "You are being rate limited.", "retry_after": 1.3, "global": False}
            return web.json_response(body, status=429, headers={"retry-after": "2"})
        fields: Any = await request.json() if request.can_read_body else None
        path = request.match_info["path"]
        if path.endswith("/404"):
            return web.json_response({"message": "Unknown Message", "code": 10008}, status=404)
        if request.method == "POST" and path.endswith("/messages"):
            if not 0 < len(fields["content"]) <= 2_000:
                return web.json_response({"message": "Invalid Form", "code": 50035}, status=400)
            if fields["nonce"] in self.nonces:
                return web.json_response({"id": "1"})
            self.nonces.add(fields["nonce"])
        if request.method == "PATCH" and (until := fields["communication_disabled_until"]):
            ahead = datetime.fromisoformat(until) - datetime.now(UTC)
            if not 0 < ahead.total_seconds() <= 28 * 86_400:
                return web.json_response({"message": "Invalid Form", "code": 50035}, status=400)
        self.note("discord", f"{request.method} /{path}", fields)
        return web.Response(status=200 if request.method == "POST" else 204)

    async def feishu(self, request: web.Request) -> web.Response:
        token, secret = FEISHU
        if request.match_info["token"] != token:
            return web.json_response({"code": 19001, "msg": "param invalid: token invalid"})
        fields = await request.json()
        key = f"{fields.get('timestamp', '')}\n{secret}"
        late = abs(time.time() - int(fields.get("timestamp", 0))) > 3_600
        if late or fields.get("sign") != _signature(key, ""):
            return web.json_response({"code": 19021, "msg": "sign match fail or timestamp is late"})
        if self.is_too_fast("feishu"):
            return web.json_response({"code": 11232, "msg": "frequency limited psm"})
        self.note("feishu", fields["msg_type"], fields["content"]["text"])
        return web.json_response({"code": 0, "msg": "success", "data": {}})

    async def wecom(self, request: web.Request) -> web.Response:
        if request.query.get("key") != WECOM_KEY:
            return web.json_response({"errcode": 93000, "errmsg": "invalid webhook url"})
        if self.is_too_fast("wecom"):
            return web.json_response({"errcode": 45009, "errmsg": "api freq out of limit"})
        fields = await request.json()
        text = fields["text"]
        if len(text["content"].encode()) > 2_048:
            return web.json_response({"errcode": 40058, "errmsg": "text.content exceeds 2048"})
        self.note("wecom", fields["msgtype"], text)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def dingtalk(self, request: web.Request) -> web.Response:
        token, secret = DINGTALK
        if request.query.get("access_token") != token:
            return web.json_response({"errcode": 300005, "errmsg": "token is not exist"})
        timestamp = request.query.get("timestamp", "0")
        late = abs(time.time() * 1000 - int(timestamp)) > 3_600_000
        if late or request.query.get("sign") != _signature(secret, f"{timestamp}\n{secret}"):
            return web.json_response({"errcode": 310000, "errmsg": "sign not match"})
        if self.is_too_fast("dingtalk"):
            return web.json_response({"errcode": 130101, "errmsg": "send too fast"})
        fields = await request.json()
        self.note("dingtalk", fields["msgtype"], fields["text"]["content"])
        return web.json_response({"errcode": 0, "errmsg": "ok"})


def _numbers(*names: str) -> Callable[[dict[str, Any]], bool]:
    return lambda fields: (
        "chat_id" in fields and all(isinstance(fields.get(name), int) for name in names)
    )


def _says(fields: dict[str, Any]) -> bool:
    return "chat_id" in fields and 0 < len(fields.get("text", "")) <= 4_096


TELEGRAM_METHODS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "sendMessage": _says,
    "deleteMessage": _numbers("message_id"),
    "restrictChatMember": _numbers("user_id"),
    "banChatMember": _numbers("user_id"),
    "unbanChatMember": _numbers("user_id"),
}
SLACK_ARGUMENTS = {
    "chat.postMessage": {"channel", "text"},
    "chat.delete": {"channel", "ts"},
    "conversations.kick": {"channel", "user"},
}


def _telegram_error(code: int, description: str, **more: Any) -> web.Response:
    body = {"ok": False, "error_code": code, "description": description, **more}
    return web.json_response(body, status=code)


def _signature(key: str, message: str) -> str:
    made = hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()


@asynccontextmanager
async def platforms() -> AsyncIterator[Platforms]:
    """Run all platforms on one server."""
    running = Platforms()
    app = web.Application()
    app.router.add_post("/telegram/bot{token}/{method}", running.telegram)
    app.router.add_post("/slack/api/{method}", running.slack)
    app.router.add_route("*", "/discord/{path:.*}", running.discord)
    app.router.add_post("/feishu/open-apis/bot/v2/hook/{token}", running.feishu)
    app.router.add_post("/wecom/cgi-bin/webhook/send", running.wecom)
    app.router.add_post("/dingtalk/robot/send", running.dingtalk)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    running.url = f"http://{host}:{port}"
    try:
        yield running
    finally:
        await runner.cleanup()
