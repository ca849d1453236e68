"""Requests through an egress proxy, to addresses that were vetted here."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any, Final

import aiohttp
from aiohttp import ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from services.notify.client.answers import MOST_KEPT, MOST_READ, Answer
from services.notify.client.targets import USER_AGENT
from services.notify.connecting import VettedResolver
from services.notify.guard import AddressRefusedError, Guard

_OWN_HEADERS: Final = {"user-agent": USER_AGENT, "accept": "*/*"}


class ProxyError(Exception):
    """The proxy failed, not the receiver."""


class ProxiedClient:
    """Sends requests through one proxy."""

    def __init__(self, proxy: str, guard: Guard, resolver: VettedResolver) -> None:
        self._proxy = proxy
        self._guard = guard
        self._resolver = resolver
        self._session = ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_OWN_HEADERS,
            skip_auto_headers=("accept-encoding",),
            auto_decompress=False,
            trust_env=False,
            timeout=ClientTimeout(total=None),
        )

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return what a request is answered, however long that takes.

        Raises `ProxyError`, aiohttp's errors, and what refused addresses and
        names that lead nowhere raise.
        """
        pinned, host, options = await self._pinned(url)
        try:
            async with self._session.request(
                method,
                pinned,
                data=body,
                headers={**headers, "host": host},
                allow_redirects=False,
                **options,
            ) as response:
                head_at = perf_counter()
                if _is_the_proxys(response):
                    raise ProxyError(f"the proxy answers {response.status}")
                named = {name.lower(): value for name, value in response.headers.items()}
                start = await _start_of(response)
                return Answer(response.status, named, start, head_at, reusable=False)
        except (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError) as error:
            raise ProxyError(str(error)) from None

    async def close(self) -> None:
        """End its connections."""
        await self._session.close()

    async def _pinned(self, url: str) -> tuple[str, str, dict[str, Any]]:
        """Return the URL with a vetted address for its host, the host, and how to send both."""
        parts = URL(url)
        host, port = parts.host or "", parts.port or 0
        self._guard.check_port(port)
        try:
            self._guard.check_address(host)
            address = host
        except AddressRefusedError:
            address = (await self._resolver.resolve(host, port))[0]["host"]
            self._guard.check_address(address)
        options: dict[str, Any] = {"proxy": self._proxy}
        if parts.scheme == "https":
            options["server_hostname"] = host
        return str(parts.with_host(address)), parts.authority, options


def _is_the_proxys(response: ClientResponse) -> bool:
    """Whether the proxy itself answered: it wants to be paid, or tells of an error (RFC 9209)."""
    told = response.headers.get("proxy-status", "")
    return response.status == 407 or (response.status >= 500 and "error=" in told)


async def _start_of(response: ClientResponse) -> bytes:
    """Read an answer's body to its end, or close it when it is long; return its start."""
    kept = bytearray()
    read = 0
    while read < MOST_READ and (chunk := await response.content.readany()):
        kept += chunk[: MOST_KEPT - len(kept)]
        read += len(chunk)
    if not response.content.at_eof():
        response.close()
    return bytes(kept)
