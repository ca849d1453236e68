from __future__ import annotations

from collections.abc import Sequence

import pytest
from starlette.types import Message, Receive

from services.ingest.body import Body, Budget, ClientGoneError
from shared.web.problems import Problem, Unavailable


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
    budget = Budget(most=4)
    for _ in range(3):
        with Body(budget, limit=4) as body:
            assert await body.read({}, sending([b"ab", b"cd"])) == b"abcd"


@pytest.mark.parametrize("headers", [{"content-length": "5"}, {"content-length": "9" * 5000}, {}])
async def test_a_body_that_is_too_large_is_refused(headers: dict[str, str]) -> None:
    with Body(Budget(), limit=4) as body, pytest.raises(Problem) as raised:
        await body.read(headers, sending([b"abc", b"de"]))
    assert raised.value.status == 413


async def test_all_bodies_together_have_a_bound() -> None:
    budget = Budget(most=6)
    with Body(budget, limit=4) as first, Body(budget, limit=4) as second:
        await first.read({}, sending([b"abcd"]))
        with pytest.raises(Unavailable):
            await second.read({}, sending([b"abcd"]))
    with Body(budget, limit=4) as third:
        assert await third.read({}, sending([b"abcd"])) == b"abcd"


async def test_a_client_that_goes_away_is_noticed() -> None:
    with Body(Budget(), limit=4) as body, pytest.raises(ClientGoneError):
        await body.read({}, sending([b"ab"], complete=False))
