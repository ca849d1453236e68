"""Asks the four services over REST, with the key of whoever is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx
import msgspec

T = TypeVar("T")

MOST_CONNECTIONS: Final = 100
IDLE_SECONDS: Final = 2.0
"""How long a connection may lie idle and be used again: the services close theirs after five, and
a request that meets the end of its connection would have no answer."""
_LOOKS: Final = 30
_LOOK_SECONDS: Final = 0.1
Query = str | int | float | bool | datetime | None
"""A value of a query; None is left out."""


class Upstream(StrEnum):
    """A service that the console asks."""

    INGEST = "ingest"
    RULES = "rules"
    SCORING = "scoring"
    NOTIFY = "notify"


class Trouble(Exception):
    """A service did not do what it was asked to.

    `status` is its answer's, or 0 when it gave none. `errors` are the places
    that its problem details name (`/url`; in a text `/source:4:12`, line and
    column), each with what is wrong there.
    """

    def __init__(
        self,
        service: Upstream,
        request: str,
        status: int,
        title: str,
        detail: str = "",
        errors: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(f"{service} {request}: {status} {title} {detail}".rstrip())
        self.service = service
        self.request = request
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors

    @property
    def is_away(self) -> bool:
        """Whether asking again later may help."""
        return self.status in (0, 502, 503, 504)


class Nothing(msgspec.Struct):
    """An answer of which nothing is wanted."""


def at(path: str, *parts: str) -> str:
    """Return a path with each `{}` replaced by an id, quoted."""
    return path.format(*(quote(part, safe="") for part in parts))


async def attempt(asking: Awaitable[T]) -> T | Trouble:
    """Return the answer, or why there is none: for a page that can do without this part."""
    try:
        return await asking
    except Trouble as trouble:
        if trouble.status == 401:
            raise
        return trouble


class Services:
    """The connections to the services, one pool a process."""

    def __init__(self, urls: Mapping[Upstream, str], timeout_seconds: float) -> None:
        self._urls = urls
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS, keepalive_expiry=IDLE_SECONDS)
        self._http = httpx.AsyncClient(limits=limits, timeout=timeout_seconds, trust_env=False)

    def asked_by(self, key: str, traceparent: str = "") -> Caller:
        """Return what asks with an API key."""
        headers = {"authorization": f"Bearer {key}"}
        if traceparent:
            headers["traceparent"] = traceparent
        return Caller(self._http, self._urls, headers)

    async def close(self) -> None:
        await self._http.aclose()


class Caller:
    """One person's way to the services: every request carries that person's key.

    Every method returns the answer as the struct `kind`, whose unknown fields
    are left out, and raises `Trouble`.
    """

    def __init__(
        self, http: httpx.AsyncClient, urls: Mapping[Upstream, str], headers: dict[str, str]
    ) -> None:
        self._http = http
        self._urls = urls
        self._headers = headers

    async def get(self, service: Upstream, path: str, kind: type[T], **query: Query) -> T:
        asked = {name: _written(value) for name, value in query.items() if value is not None}
        return await self.call(service, "GET", path, kind, query=asked)

    async def post(
        self, service: Upstream, path: str, kind: type[T], body: object | None = None
    ) -> T:
        return await self.call(service, "POST", path, kind, body=body)

    async def call(
        self,
        service: Upstream,
        method: str,
        path: str,
        kind: type[T],
        *,
        body: object | None = None,
        query: Mapping[str, str] | None = None,
    ) -> T:
        request = f"{method} {path}"
        headers = dict(self._headers)
        content = None
        if body is not None:
            content = msgspec.json.encode(body)
            headers["content-type"] = "application/json"
        try:
            answer = await self._http.request(
                method,
                self._urls[service] + path,
                params=query,
                content=content,
                headers=headers,
            )
        except httpx.TimeoutException:
            raise Trouble(service, request, 0, "No answer in time") from None
        except httpx.HTTPError as error:
            raise Trouble(service, request, 0, "No answer", type(error).__name__) from None
        return _read(service, request, answer, kind)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds, for about three seconds: what was accepted will be applied."""
    for _ in range(_LOOKS):
        if await holds():
            return
        await asyncio.sleep(_LOOK_SECONDS)


async def together(*asking: Awaitable[Any]) -> list[Any]:
    """Return all answers, asked for at once; raises what the first that fails raises."""
    return list(await asyncio.gather(*asking))


def _read(service: Upstream, request: str, answer: httpx.Response, kind: type[T]) -> T:
    if not answer.is_success:
        raise _trouble(service, request, answer)
    try:
        return msgspec.json.decode(answer.content or b"{}", type=kind, strict=False)
    except msgspec.DecodeError as error:
        raise Trouble(service, request, 502, "Not understood", str(error)) from error


def _trouble(service: Upstream, request: str, answer: httpx.Response) -> Trouble:
    try:
        told: dict[str, Any] = msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.DecodeError:
        told = {}
    errors = tuple((_place(each), str(each.get("detail", ""))) for each in told.get("errors", ()))
    title = str(told.get("title") or answer.reason_phrase)
    detail = str(told.get("detail") or "")
    return Trouble(service, request, answer.status_code, title, detail, errors)


def _place(error: Mapping[str, object]) -> str:
    """Return where an error is: a pointer or field, and in a text its line and column."""
    place = str(error.get("pointer") or error.get("field") or "")
    if "line" in error:
        place = f"{place}:{error['line']}:{error.get('column', 1)}"
    return place


def _written(value: Query) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)
