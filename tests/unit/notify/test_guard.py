"""The guard against server-side request forgery, tried with the known tricks."""

from __future__ import annotations

import socket
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from services.notify.connecting import Connector, PooledResolver, VettedResolver
from services.notify.guard import REFUSED, AddressRefusedError, Guard, InvalidUrlError

GUARD = Guard()

REFUSED_ADDRESSES = [
    "0.0.0.0",
    "0.1.2.3",
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.170.2",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2001::1",
    "2001:db8::1",
    "100::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "5f00::1",
    "3fff::1",
    "localhost",
    "",
    "2130706433",
    "0x7f.0.0.1",
    "127.1",
    "0177.0.0.1",
]

REFUSED_URLS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.0.1./",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://0/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[fe80::1%25eth0]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "http://user@example.com/",
    "http://user:pass@example.com/",
    "http://example.com@127.0.0.1/",
    "http://example.com\\@127.0.0.1/",
    "http://127.0.0.1%2f@example.com/",
    "http://example%2ecom/",
    "http://①②⑦.0.0.1/",
    "http://127。0。0。1/",
    "http://example.com:22/",
    "http://example.com:0/",
    "http://example.com:25/",
    "http://example.com:99999/",
    "http://example.com:x/",
    "http://example.com/#fragment",
    "http://example.com/\r\nhost: inside",
    "http://example.com/a b",
    "http:///path",
    "http://",
    "//example.com/",
    "example.com",
    "https:example.com",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "unix:///var/run/docker.sock",
    "http+unix://%2fvar%2frun%2fdocker.sock/",
    "javascript:alert(1)",
    "",
    "http://[::1/",
    "https://example.com/" + "a" * 2048,
]

PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::1"]


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_no_inner_address_is_let_through(address: str) -> None:
    with pytest.raises(AddressRefusedError):
        GUARD.check_address(address)


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_no_trick_in_a_url_is_let_through(url: str) -> None:
    with pytest.raises(InvalidUrlError):
        GUARD.check_url(url)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    GUARD.check_address(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/steward?token=1",
        "http://hooks.example.com:8080/",
        "https://xn--fiqs8s.example/",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]:8443/",
    ],
)
def test_usual_urls_pass(url: str) -> None:
    GUARD.check_url(url)


def test_an_operator_opens_networks_one_by_one() -> None:
    guard = Guard(allowed=(ip_network("127.0.0.0/8"),))
    guard.check_address("127.0.0.1")
    guard.check_url("http://127.0.0.1:9000/")
    for other in ("10.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"):
        with pytest.raises(AddressRefusedError):
            guard.check_address(other)


def test_an_operator_limits_ports() -> None:
    guard = Guard(ports=frozenset({443}))
    guard.check_url("https://example.com/")
    for url in ("http://example.com/", "https://example.com:8443/"):
        with pytest.raises(InvalidUrlError, match="port"):
            guard.check_url(url)


NETWORKS = [network for networks in REFUSED.values() for network in networks]


@given(st.sampled_from(NETWORKS), st.data())
def test_every_address_of_every_refused_network_is_refused(network: Any, data: Any) -> None:
    address = network[data.draw(st.integers(0, network.num_addresses - 1))]
    with pytest.raises(AddressRefusedError):
        GUARD.check_address(str(address))


@given(st.text())
def test_no_url_raises_anything_else(url: str) -> None:
    for each in (url, f"http://{url}", f"http://a:{url}/"):
        try:
            GUARD.check_url(each)
        except InvalidUrlError:
            continue


class Answers(AbstractResolver):
    """A name server that answers what it was told, and something else the second time."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in self._answers.pop(0)
        ]

    async def close(self) -> None:
        self._answers.clear()


async def test_a_name_with_one_inner_address_is_refused_as_a_whole() -> None:
    resolver = VettedResolver(GUARD, Answers(["8.8.8.8", "10.0.0.1"]))
    with pytest.raises(AddressRefusedError):
        await resolver.resolve("mixed.example", 80)


async def test_a_name_that_turns_inward_is_refused_when_it_does() -> None:
    resolver = VettedResolver(GUARD, Answers(["8.8.8.8"], ["127.0.0.1"]))
    assert await resolver.resolve("rebinding.example", 80)
    with pytest.raises(AddressRefusedError):
        await resolver.resolve("rebinding.example", 80)


@pytest.mark.parametrize(
    ("family", "target"),
    [
        (socket.AF_INET, ("127.0.0.1", 80)),
        (socket.AF_INET, ("8.8.8.8", 22)),
        (socket.AF_INET6, ("::1", 80, 0, 0)),
        (socket.AF_UNIX, ("/var/run/docker.sock",)),
    ],
)
async def test_no_socket_is_made_for_a_refused_address(family: int, target: Any) -> None:
    connector = Connector(GUARD, VettedResolver(GUARD, PooledResolver()))
    with pytest.raises(AddressRefusedError):
        connector.vetted_socket((family, socket.SOCK_STREAM, 0, "", target))
