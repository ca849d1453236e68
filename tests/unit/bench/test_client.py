"""The client of the benches, against a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bench.client import UnexpectedAnswerError, post_all

Handler = Callable[[web.Request], Awaitable[web.Response]]


async def test_every_body_is_posted_once_with_the_headers_given() -> None:
    got: list[tuple[str, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        got.append((request.headers["x-own"], await request.read()))
        return web.Response(status=202, text="taken")

    async with _serving(take) as url:
        bodies = [str(number).encode() * 3000 for number in range(50)]
        await post_all(url, bodies, {"x-own": "1"}, connections=7, status=202)
    assert sorted(got) == sorted(("1", body) for body in bodies)


async def test_another_status_is_an_error() -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=503)

    async with _serving(refuse) as url:
        with pytest.raises(UnexpectedAnswerError, match="503"):
            await post_all(url, [b"x"], {}, connections=1, status=202)


@asynccontextmanager
async def _serving(handler: Handler) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post("/take", handler)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/take"
    finally:
        await runner.cleanup()
