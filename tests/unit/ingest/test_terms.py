from __future__ import annotations

from ipaddress import ip_network

import pytest

from services.ingest.terms import Terms, network

INSIDE = Terms(networks=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")))


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::5", "::ffff:192.0.2.7"])
def test_an_address_in_a_network_is_let_in(address: str) -> None:
    assert INSIDE.lets_in(address)


@pytest.mark.parametrize("address", ["192.0.3.7", "2001:db9::5", "::ffff:10.0.0.1", "", "nonsense"])
def test_any_other_is_not(address: str) -> None:
    assert not INSIDE.lets_in(address)


def test_without_networks_everybody_is_let_in() -> None:
    assert Terms().lets_in("")


def test_networks_are_kept_in_one_form() -> None:
    assert network(" 192.0.2.1 ") == "192.0.2.1/32"
    with pytest.raises(ValueError):
        network("192.0.2.1/24")
