"""Where the demo platform receives Steward's webhooks: verified, taken once, executed."""

from __future__ import annotations

import time
from collections import Counter, deque
from types import TracebackType
from typing import Final, Self

import msgspec
from aiohttp import web

from shared.signing import verify
from steward.demo.world import Webhook, World
from steward.stack.ports import LOOPBACK

PATH: Final = "/hooks/steward"
_LATEST: Final = 50


class Receiver:
    """An HTTP server on a free port of this machine.

    `refused` counts requests whose signature does not hold, `repeated` those
    whose `webhook-id` was seen before.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._secret = ""
        self._seen: set[str] = set()
        self._runner: web.AppRunner | None = None
        self._port = 0
        self.latest: deque[Webhook] = deque(maxlen=_LATEST)
        self.taken: Counter[str] = Counter()
        self.refused = 0
        self.repeated = 0

    @property
    def url(self) -> str:
        """Where webhooks are to be sent; known once it is entered."""
        return f"http://{LOOPBACK}:{self._port}{PATH}"

    def trust(self, secret: str) -> None:
        """Take what is signed with this secret from now on."""
        self._secret = secret

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post(PATH, self._receive)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        verified = verify([self._secret], request.headers, body, int(time.time()))
        if not verified:
            self.refused += 1
            return web.json_response({"error": verified.reason}, status=401)
        if verified.id in self._seen:
            self.repeated += 1
            return web.json_response({"status": "known"})
        webhook = msgspec.json.decode(body, type=Webhook)
        self._seen.add(verified.id)
        self._world.execute(webhook)
        self.taken[webhook.type.value] += 1
        self.latest.append(webhook)
        return web.json_response({"status": "done"})
