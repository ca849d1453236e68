"""The platform's receiver: verifies every webhook and writes down what it was asked to do."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import msgspec
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from steward.stack.ports import LOOPBACK


class Platform:
    """Takes webhooks; one in a hundred it refuses at first, as real receivers do."""

    def __init__(self) -> None:
        self.actions: dict[str, dict[str, Any]] = {}
        """What was asked, by the action's id."""
        self.webhooks: dict[str, set[str]] = {}
        """The ids of the webhooks that carried each action: one each, however often it came."""
        self.repeats: Counter[str] = Counter()
        self.forged = 0
        self._secret = ""
        self._random = random.Random(1)

    async def start(self) -> str:
        """Return the URL to deliver to."""
        application = web.Application()
        application.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(application)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0).start()
        return f"http://{LOOPBACK}:{self._runner.addresses[0][1]}/hook"

    def trust(self, secret: str) -> None:
        self._secret = secret

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            Webhook(self._secret).verify(body, headers)
        except WebhookVerificationError:
            self.forged += 1
            return web.Response(status=401)
        if self._random.random() < 0.01:
            return web.Response(status=500)
        action: dict[str, Any] = msgspec.json.decode(body)
        if action["id"] in self.actions:
            self.repeats[action["id"]] += 1
        self.actions[action["id"]] = action
        self.webhooks.setdefault(action["id"], set()).add(headers["webhook-id"])
        return web.Response(status=204)
