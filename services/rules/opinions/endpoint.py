"""Asks an endpoint that speaks the chat completions API; the operator alone says which one."""

from __future__ import annotations

from time import time
from typing import Final

import aiohttp
import msgspec
from pydantic import SecretStr

from services.rules.opinions.dialogue import opinion_of, request_of
from services.rules.opinions.opinion import Came, Opinion
from shared.events import Millis
from shared.retry_after import retry_after

MOST_BYTES: Final = 64 * 1024
"""Of an answer that are read."""
MOST_CONNECTIONS: Final = 16


class Failed(Exception):
    """The endpoint gave no opinion; `why` tells what came instead.

    `rest_seconds` is how long it asked to be left alone, if it did; `lasting`
    says that it is in trouble rather than at a loss for this text.
    """

    def __init__(self, why: Came, rest_seconds: float = 0.0, *, lasting: bool = True) -> None:
        super().__init__(why)
        self.why = why
        self.rest_seconds = rest_seconds
        self.lasting = lasting


class Endpoint:
    """One endpoint and one model. No redirect is followed, no proxy taken from the environment."""

    def __init__(self, url: str, key: SecretStr, model: str, timeout_seconds: float) -> None:
        self.model = model
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._key = key
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, text: str) -> Opinion:
        """Return the model's opinion of a masked text. Raises `Failed`."""
        try:
            async with self._opened().post(
                self._url,
                data=msgspec.json.encode(request_of(self.model, text)),
                headers=self._headers(),
                allow_redirects=False,
            ) as answer:
                if answer.status != 200:
                    raise _refusal(answer.status, answer.headers.get("retry-after", ""))
                body = await _body(answer.content)
        except TimeoutError:
            raise Failed(Came.TIMEOUT) from None
        except (aiohttp.ClientError, OSError):
            raise Failed(Came.UNREACHABLE) from None
        opinion = opinion_of(body, self.model)
        if opinion is None:
            raise Failed(Came.NONSENSE, lasting=False)
        return opinion

    def _headers(self) -> dict[str, str]:
        headers = {"content-type": "application/json", "accept": "application/json"}
        if secret := self._key.get_secret_value():
            headers["authorization"] = f"Bearer {secret}"
        return headers

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS)
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self._session


async def _body(content: aiohttp.StreamReader) -> bytes:
    """Return an answer's body. Raises `Failed` for one too long to be an answer."""
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Failed(Came.NONSENSE, lasting=False)
    return bytes(body)


def _refusal(status: int, retry: str) -> Failed:
    why = Came.REFUSED if status < 500 else Came.BROKEN
    if status == 429:
        why = Came.THROTTLED
    wait = retry_after(retry[:64], Millis(int(time() * 1000))) or 0
    return Failed(why, wait / 1000)
