"""Where a request goes and how it is said in bytes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from yarl import URL

from services.notify.client.answers import ProtocolError

USER_AGENT: Final = "Steward/0.1"
_UNSPEAKABLE: Final = re.compile(r"[\r\n\0]")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SECURE: Final = "https"


class Origin(NamedTuple):
    """What a connection is to."""

    secure: bool
    host: str
    port: int


class Target(NamedTuple):
    """A URL taken apart: `path` is the request's target, `authority` its Host."""

    origin: Origin
    path: str
    authority: str


@lru_cache(maxsize=4_096)
def target_of(url: str) -> Target:
    """Take a URL apart. Raises `ProtocolError` where it names no host that HTTP reaches."""
    try:
        parts = URL(url)
        host, port = parts.raw_host, parts.port
    except ValueError:
        raise ProtocolError("not a URL") from None
    if not host or port is None or parts.scheme not in ("http", _SECURE):
        raise ProtocolError("not a URL of HTTP")
    origin = Origin(parts.scheme == _SECURE, host, port)
    return Target(origin, parts.raw_path_qs or "/", parts.host_port_subcomponent or host)


def said(method: str, target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a request's bytes; given headers win over those that every request has.

    Raises `ProtocolError` for a header that would smuggle in another.
    """
    every = {"host": target.authority, "user-agent": USER_AGENT, "accept": "*/*"}
    for name, value in headers.items():
        if _NAME.fullmatch(name) is None or _UNSPEAKABLE.search(value):
            raise ProtocolError("a header that cannot be sent")
        every[name.lower()] = value
    every["content-length"] = str(len(body))
    lines = "".join([f"{name}: {value}\r\n" for name, value in every.items()])
    return f"{method} {target.path} HTTP/1.1\r\n{lines}\r\n".encode() + body
