from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from steward.replicas import Replica, readiness, wait_ready
from steward.running import RunningService
from steward.stack.ports import free_ports
from steward.stack.process import Child, ProcessFailedError

SERVE = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of another program that says to everybody that it is ready."""
    server = HTTPServer(("127.0.0.1", 0), Ready)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def replica(port: int, root: Path) -> Replica:
    service = RunningService("ingest", 1, f"http://127.0.0.1:{port}")
    child = Child("ingest-1", [sys.executable, "-c", SERVE, str(port)], root)
    child.start()
    return Replica(service, child)


def test_a_replica_that_serves_its_port_becomes_ready(tmp_path: Path) -> None:
    own = replica(free_ports(1)[0], tmp_path)
    try:
        wait_ready([own])
    finally:
        own.child.kill()
    assert not own.is_ready()


def test_a_stranger_on_the_port_is_not_taken_for_the_replica(stranger: int, tmp_path: Path) -> None:
    own = replica(stranger, tmp_path)
    try:
        assert readiness(own.service.url) == "ready"
        with pytest.raises(ProcessFailedError, match="ended with status 1"):
            wait_ready([own])
    finally:
        own.child.kill()
