from __future__ import annotations

import socket
import subprocess
import sys

from steward.stack.ports import LOOPBACK, choose, free_ports, is_free, is_open


def test_free_ports_differ() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(is_free(port) for port in ports)


def test_a_port_that_something_listens_on_is_open_and_not_chosen() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        assert is_open(LOOPBACK, port)
        assert not is_free(port)
        assert choose(port) != port


def test_a_wanted_port_is_chosen_unless_it_is_taken() -> None:
    [port] = free_ports(1)
    assert not is_open(LOOPBACK, port)
    assert choose(port) == port
    assert choose(port, taken=[port]) != port


def test_a_port_that_another_process_has_claimed_is_not_chosen() -> None:
    [port] = free_ports(1)
    script = f"from steward.stack.ports import choose; print(choose({port}))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert is_free(port)
    assert int(run.stdout) != port


def test_a_claim_ends_with_its_process() -> None:
    script = "from steward.stack.ports import free_ports; print(free_ports(1)[0])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert choose(int(run.stdout)) == int(run.stdout)


def test_no_wish_gives_a_free_port_and_never_the_same_twice() -> None:
    first, second = choose(0), choose(0)
    assert first != second
    assert 0 not in (first, second)
