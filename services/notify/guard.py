"""Which addresses a webhook may reach: public ones, on permitted ports. Pure.

Tenants choose the URLs, so without this they could reach what only this
network can (server-side request forgery). What counts is the address at the
moment of connecting, whatever the name resolved to before.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import urlsplit

REFUSED: Final[dict[str, tuple[IPv4Network | IPv6Network, ...]]] = {
    reason: tuple(ipaddress.ip_network(network) for network in networks.split())
    for reason, networks in {
        "unspecified": "0.0.0.0/8 ::/128",
        "loopback": "127.0.0.0/8 ::1/128",
        "link-local": "169.254.0.0/16 fe80::/10",
        "private": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10",
        "carrier-grade NAT": "100.64.0.0/10",
        "multicast": "224.0.0.0/4 ff00::/8",
        "reserved": "240.0.0.0/4 192.0.0.0/24 192.88.99.0/24 100::/64 100:0:0:1::/64 5f00::/16",
        "documentation": ("192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20"),
        "benchmarking": "198.18.0.0/15 2001:2::/48",
        "metadata service": "168.63.129.16/32",
        "IPv4 in IPv6": "::ffff:0:0/96 ::/96 ::ffff:0:0:0/96",
        "NAT64": "64:ff9b::/96 64:ff9b:1::/48",
        "6to4": "2002::/16",
        "protocol assignment": "2001::/23",
    }.items()
}
"""Networks that no webhook reaches, by what they are (IANA special-purpose registries)."""

_ALWAYS_PORTS: Final = frozenset({80, 443})
_FIRST_USER_PORT: Final = 1024
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LONGEST_URL: Final = 2048


class AddressRefusedError(OSError):
    """A webhook would have gone where it may not; the reason is its text."""


class InvalidUrlError(ValueError):
    """A URL cannot be an endpoint's; the reason is its text."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides on addresses and URLs.

    `allowed` are networks that an operator opened although they are not
    public; `ports`, if any, are the only ones.
    """

    allowed: tuple[IPv4Network | IPv6Network, ...] = ()
    ports: frozenset[int] = frozenset()

    def check_address(self, address: str) -> None:
        """Raise `AddressRefusedError` unless this IP address may be connected to."""
        try:
            ip = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            raise AddressRefusedError("not an IP address") from None
        if any(ip in network for network in self.allowed):
            return
        reason = _refusal(ip)
        if reason:
            raise AddressRefusedError(f"address not permitted: {reason}")

    def check_port(self, port: int) -> None:
        """Raise `AddressRefusedError` unless this port may be connected to."""
        usual = port in _ALWAYS_PORTS or port >= _FIRST_USER_PORT
        if not (port in self.ports if self.ports else usual):
            raise AddressRefusedError("port not permitted")

    def check_url(self, url: str) -> None:
        """Raise `InvalidUrlError` for a URL that no endpoint can have.

        A name that resolves to a refused address passes: names are looked up
        when a delivery connects, and refused then.
        """
        host, port = _host_and_port(url)
        try:
            self.check_port(port)
            if _looks_numeric(host):
                self.check_address(host)
        except AddressRefusedError as error:
            raise InvalidUrlError(str(error)) from None


def _refusal(ip: IPv4Address | IPv6Address) -> str:
    for reason, networks in REFUSED.items():
        if any(ip in network for network in networks):
            return reason
    return "" if ip.is_global else "not public"


def _host_and_port(url: str) -> tuple[str, int]:
    if len(url) > _LONGEST_URL:
        raise InvalidUrlError(f"longer than {_LONGEST_URL} characters")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise InvalidUrlError("has characters that a URL must not have")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidUrlError("not a URL") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise InvalidUrlError("neither http nor https")
    if not host:
        raise InvalidUrlError("has no host")
    if "@" in parts.netloc:
        raise InvalidUrlError("has a user name or password")
    if parts.fragment:
        raise InvalidUrlError("has a fragment")
    if "%" in host:
        raise InvalidUrlError("has an escaped host or a zone")
    return host, _DEFAULT_PORTS[parts.scheme] if port is None else port


def _looks_numeric(host: str) -> bool:
    """Whether a host is an address in any of the ways that resolvers read one.

    The last label decides, as in the URL standard: `127.1`, `0x7f.1`,
    `2130706433` and `0177.0.0.1` are all 127.0.0.1 to some resolver.
    """
    if ":" in host:
        return True
    last = host.rstrip(".").rpartition(".")[2]
    return last.isdigit() or re.fullmatch("0x[0-9a-f]*", last) is not None
