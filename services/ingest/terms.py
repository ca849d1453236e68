"""On which terms a source's events are taken: who signs them, where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = str
"""A network in CIDR notation, such as `192.0.2.0/24`; a single address is one of its own."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a source's events must fulfil; nothing where both are empty.

    `secrets` may sign its requests; its requests come from one of `networks`.
    """

    secrets: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def lets_in(self, address: str) -> bool:
        """Whether a request from this address may bring the source's events."""
        if not self.networks:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in network for network in self.networks)


def network(text: str) -> Network:
    """Return a network as it is kept. Raises `ValueError` for what is none."""
    return str(ip_network(text.strip()))
