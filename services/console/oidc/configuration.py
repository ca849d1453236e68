"""How people sign in with an identity provider: what the settings say of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

from services.console.roles import Role

CALLBACK: Final = "/sign-in/oidc/callback"


@dataclass(frozen=True)
class Oidc:
    """An identity provider, what the console is to it, and what its people may do here.

    `key` is an API key with the scope `admin`, `roles` the role that each value of
    `claim` gives, `callback` where the provider sends people back to.
    """

    issuer: str
    client_id: str
    client_secret: SecretStr
    key: SecretStr
    scope: str
    claim: str
    roles: Mapping[str, Role]
    callback: str

    def basic_auth(self) -> tuple[str, str]:
        """Return name and password of the console itself, encoded as RFC 6749, 2.3.1 has it."""
        secret = self.client_secret.get_secret_value()
        return quote(self.client_id, safe=""), quote(secret, safe="")


def roles_of(text: str) -> dict[str, Role]:
    """Return the role that each value gives: `admin=leads, moderator=helpers`.

    Raises:
        ValueError: a part of it is none of that.
    """
    roles: dict[str, Role] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        role, equals, value = (each.strip() for each in part.partition("="))
        if not equals or not value or role not in set(Role):
            raise ValueError(f"{part!r} is no ROLE=VALUE with a role of {', '.join(Role)}")
        roles[value] = max(Role(role), roles.get(value, Role.VIEWER), key=list(Role).index)
    return roles


def is_safe(url: str) -> bool:
    """Whether nobody between can read what is sent to an address: HTTPS, or this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and _is_this_machine(parts.hostname or "")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
