from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from time import monotonic

import pytest
import zstandard
from starlette.types import Message, Receive

from services.ingest.body import Body, Budget, ClientGoneError
from shared.events import TenantId
from shared.web.problems import Problem, Unavailable

ACME, OTHER = TenantId("acme"), TenantId("other")


def sending(chunks: Sequence[bytes], *, complete: bool = True) -> Receive:
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    last = {"type": "http.request", "body": b""} if complete else {"type": "http.disconnect"}
    messages.append(last)

    async def receive() -> Message:
        return messages.pop(0)

    return receive


async def test_chunks_are_joined_and_their_room_given_back() -> None:
    budget = Budget(most=8)
    for _ in range(3):
        with Body(budget, ACME, limit=4) as body:
            assert await body.read({}, sending([b"ab", b"cd"])) == b"abcd"


@pytest.mark.parametrize("headers", [{"content-length": "5"}, {"content-length": "9" * 5000}, {}])
async def test_a_body_that_is_too_large_is_refused(headers: dict[str, str]) -> None:
    with Body(Budget(), ACME, limit=4) as body, pytest.raises(Problem) as raised:
        await body.read(headers, sending([b"abc", b"de"]))
    assert raised.value.status == 413


async def test_a_tenant_holds_no_more_than_is_free_for_others() -> None:
    budget = Budget(most=12)
    with Body(budget, ACME, limit=9) as first, Body(budget, ACME, limit=9) as second:
        await first.read({}, sending([b"abcd"]))
        with pytest.raises(Unavailable) as refused:
            await second.read({}, sending([b"efgh"]))
        assert refused.value.headers == {"Retry-After": "1"}
        with Body(budget, OTHER, limit=4) as other:
            assert await other.read({}, sending([b"abcd"])) == b"abcd"
    with Body(budget, ACME, limit=6) as third:
        assert await third.read({}, sending([b"abcdef"])) == b"abcdef"


async def test_all_tenants_together_stay_below_the_most() -> None:
    budget, held = Budget(most=1000), 0
    for number in range(50):
        while True:
            try:
                budget.take(TenantId(str(number)), 1)
            except Unavailable:
                break
            held += 1
    assert 900 < held <= 1000


async def test_a_client_that_goes_away_is_noticed() -> None:
    with Body(Budget(), ACME, limit=4) as body, pytest.raises(ClientGoneError):
        await body.read({}, sending([b"ab"], complete=False))


@pytest.mark.parametrize("times", [{"silence": 0.1}, {"whole": 0.1}])
async def test_a_client_that_does_not_go_on_is_told_so(times: dict[str, float]) -> None:
    async def drip() -> dict[str, object]:
        await asyncio.sleep(0.06 if "whole" in times else 5)
        return {"type": "http.request", "body": b"x", "more_body": True}

    started = monotonic()
    with Body(Budget(), ACME, limit=400, **times) as body, pytest.raises(Problem) as raised:
        await body.read({}, drip)
    assert monotonic() - started < 2
    assert raised.value.status == 408
    assert raised.value.headers == {"Connection": "close"}


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_a_bomb_is_refused_once_it_is_too_large(encoding: str) -> None:
    encode = {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}[encoding]
    bomb = encode(b"x" * 50_000_000)
    budget = Budget()
    with Body(budget, ACME, limit=1_000_000) as body, pytest.raises(Problem) as raised:
        await body.read({"content-encoding": encoding}, sending([bomb]))
    assert raised.value.status == 413
    budget.take(ACME, 32 * 1024 * 1024)


async def test_an_encoded_body_is_decoded() -> None:
    with Body(Budget(), ACME, limit=400) as body:
        headers = {"content-encoding": "GZIP", "content-length": "22"}
        assert await body.read(headers, sending([gzip.compress(b"ab")])) == b"ab"


async def test_a_body_that_is_not_what_its_encoding_says_is_refused() -> None:
    with Body(Budget(), ACME, limit=400) as body, pytest.raises(Problem) as raised:
        await body.read({"content-encoding": "gzip"}, sending([b"{}"]))
    assert raised.value.status == 400


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", ""])
async def test_an_encoding_that_is_not_read_is_named(encoding: str) -> None:
    with Body(Budget(), ACME, limit=400) as body, pytest.raises(Problem) as raised:
        await body.read({"content-encoding": encoding}, sending([b"{}"]))
    assert raised.value.status == 415
    assert raised.value.headers == {"Accept-Encoding": "gzip, zstd, identity"}
