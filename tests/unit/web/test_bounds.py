from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from shared.web import bounds
from shared.web.bounds import MOST_BYTES, Bounds
from shared.web.middleware import shown

Post = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def post() -> Post:
    """Send to a route that tells how many bytes it got."""
    app = FastAPI()
    app.add_middleware(Bounds, unbounded=("/own/",))

    @app.post("/{place}/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    async def send(path: str = "/a/length", **request: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.post(path, **request)

    return send


async def in_pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1024 * 1024


async def test_a_body_comes_to_its_route_whole(post: Post) -> None:
    assert (await post(content=in_pieces(3))).json() == 3 * 1024 * 1024
    assert (await post()).json() == 0


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_never_comes_to_its_route(
    post: Post, declared: bool
) -> None:
    content = b"x" * (MOST_BYTES + 1) if declared else in_pieces(9)
    answer = await post(content=content)
    assert (answer.status_code, answer.json()["title"]) == (413, "Body too large")
    assert answer.headers["connection"] == "close"


async def test_json_that_is_nested_too_deeply_is_refused(post: Post) -> None:
    answer = await post(content=b"[" * 65 + b"]" * 65)
    assert (answer.status_code, answer.json()["title"]) == (400, "Nested too deeply")


async def test_a_body_that_does_not_come_in_time_is_refused(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow() -> AsyncIterator[bytes]:
        await asyncio.sleep(5)
        yield b"x"

    monkeypatch.setattr(bounds, "BODY_SECONDS", 0.05)
    assert (await post(content=slow())).status_code == 408


async def test_routes_that_read_on_their_own_terms_get_everything(post: Post) -> None:
    assert (await post("/own/length", content=in_pieces(9))).json() == 9 * 1024 * 1024


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/v1/hooks/slack/hk_0123456789abcdef/rest", "/v1/hooks/slack/hk_…/rest"),
        ("/v1/keys/sk_aB-9_x", "/v1/keys/sk_…"),
        ("/v1/groups/task_force", "/v1/groups/task_force"),
    ],
)
def test_secrets_in_paths_are_not_logged(path: str, logged: str) -> None:
    assert shown(path) == logged
