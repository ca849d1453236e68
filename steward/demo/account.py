"""Makes the demo's own tenant: an API key, a source that signs, an endpoint for all actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import msgspec

from shared.events import TenantId
from shared.mongo import connect
from shared.settings import Settings
from shared.web.keys import ApiKeys
from steward.demo.script import SOURCE
from steward.running import Running

TENANT: Final = TenantId("demo")


@dataclass(frozen=True)
class Account:
    """The tenant that tells its day, and what opens its doors."""

    tenant: TenantId
    key: str


class RefusedError(Exception):
    """A service answered a request with an error; the message says which and what."""


async def open_account(settings: Settings) -> Account:
    """Make a key for the tenant `demo`."""
    async with connect(settings) as client:
        key, _ = await ApiKeys(client[settings.database]).create(TENANT, "the demo platform")
    return Account(TENANT, key)


async def sign_in_path(rest: Rest) -> str | None:
    """Return where the console signs in once without a key; None if it does not say."""
    try:
        return str((await rest.call("console", "POST", "/sign-in/link"))["path"])
    except (RefusedError, aiohttp.ClientError, TimeoutError):
        return None


class Rest:
    """Steward's REST interface, as the tenant sees it."""

    def __init__(self, session: aiohttp.ClientSession, running: Running, key: str) -> None:
        self._session = session
        self._running = running
        self._headers = {"authorization": f"Bearer {key}"}

    async def declare_source(self) -> str:
        """Declare the platform as a source that signs; return its secret."""
        path = f"/v1/sources/{quote(SOURCE)}"
        answer = await self.call("ingest", "PUT", path, {"signed": True})
        return str(answer["secret"])

    async def create_endpoint(self, url: str) -> tuple[str, str]:
        """Ask for all actions to be delivered to a URL; return the endpoint's id and its secret."""
        answer = await self.call(
            "notify",
            "POST",
            "/v1/endpoints",
            {"url": url, "kinds": ["*"], "description": "the demo platform"},
        )
        return str(answer["id"]), str(answer["secret"])

    async def remove_endpoint(self, id: str) -> None:
        """Have nothing more delivered there."""
        await self.call("notify", "DELETE", f"/v1/endpoints/{id}")

    async def get(self, service: str, path: str, **query: str | int) -> dict[str, Any]:
        """Return what a service answers."""
        return await self.call(service, "GET", path, query=query)

    async def every(self, service: str, path: str, **query: str | int) -> list[dict[str, Any]]:
        """Return the items of all pages."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.get(service, path, **query, **cursor)
            found += page["items"]
            if not page.get("next"):
                return found
            cursor = {"cursor": page["next"]}

    async def call(
        self,
        service: str,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, str | int] | None = None,
    ) -> dict[str, Any]:
        """Make a request. Raises `RefusedError`, and aiohttp's errors when nobody answers."""
        url = f"{self._running.url(service)}{path}"
        async with self._session.request(
            method, url, headers=self._headers, json=body, params=query
        ) as response:
            content = await response.read()
            if response.status >= 400:
                problem = content[:500].decode(errors="replace")
                raise RefusedError(f"{method} {path}: {response.status} {problem}")
            answer: dict[str, Any] = msgspec.json.decode(content) if content else {}
            return answer
