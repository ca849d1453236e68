"""How long `POST /v1/check` takes in its own process: routing, validation, verdict, answer.

The key is taken as known, as it is once it was seen; no socket is in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any, Final, get_args

import msgspec
from fastapi import FastAPI
from pymongo import AsyncMongoClient

from services.rules.api import rules_routes
from services.rules.pack import default_pack
from services.rules.review.taught import Taught
from services.rules.rule_sets.catalog import Catalog
from services.rules.rules import RuleSet
from services.rules.store import FlagStore
from services.rules.word_lists.lists import KnownLists
from shared.events import TenantId
from shared.web.auth import Tenanted

REQUESTS: Final = 2_000
SCOPE: Final = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "POST",
    "path": "/v1/check",
    "raw_path": b"/v1/check",
    "query_string": b"",
    "scheme": "http",
    "headers": [(b"content-type", b"application/json")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 2),
}


def application() -> FastAPI:
    """Return an application with the routes of rules and a tenant who is let in."""
    app = FastAPI()
    pack = default_pack()
    flags = FlagStore(AsyncMongoClient("mongodb://127.0.0.1", connect=False)["bench"])
    taught = Taught(RuleSet(pack))
    app.include_router(rules_routes(Catalog(pack), flags, taught, KnownLists()), prefix="/v1")
    app.dependency_overrides[get_args(Tenanted)[1].dependency] = _known
    return app


async def _known() -> TenantId:
    return TenantId("bench")


async def ask(app: FastAPI, text: str) -> dict[str, Any]:
    """Have a text checked; return the answer. Raises `RuntimeError` for any status but 200."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": msgspec.json.encode({"text": text})}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(dict(SCOPE), receive, send)
    if sent[0]["status"] != 200:
        raise RuntimeError(f"answered with {sent[0]['status']}: {sent[1]['body']!r}")
    answer: dict[str, Any] = msgspec.json.decode(sent[1]["body"])
    return answer


async def _times(texts: list[str]) -> tuple[list[float], float]:
    app = application()
    for text in texts[:50]:
        await ask(app, text)
    times, began = [], process_time()
    for text in texts:
        start = perf_counter()
        await ask(app, text)
        times.append(perf_counter() - start)
    return times, (process_time() - began) / len(texts)


def measure(texts: list[str]) -> dict[str, float]:
    """Return the median and the 99th percentile in ms, and the CPU of a check in µs."""
    times, cpu = asyncio.run(_times(texts[:REQUESTS]))
    cuts = quantiles(times, n=100)
    return {
        "check_p50_ms": cuts[49] * 1e3,
        "check_p99_ms": cuts[98] * 1e3,
        "check_cpu_us": cpu * 1e6,
    }
