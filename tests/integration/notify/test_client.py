"""The HTTP client of deliveries against real servers that say what they should not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.notify.attempts import Failure, Result
from services.notify.client.answers import MOST_HEAD
from services.notify.connectors.contract import HttpRequest
from services.notify.exchange import Exchange
from services.notify.guard import Guard
from tests.integration.notify.test_sender import Names

LOCAL = Guard(allowed=(ip_network("127.0.0.0/8"),))
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


class Server:
    """Answers each request of a connection with the next of `says`; closes after the last."""

    def __init__(self, says: Sequence[bytes]) -> None:
        self.requests: list[list[bytes]] = []
        self.port = 0
        self._says = says

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads: list[bytes] = []
        self.requests.append(heads)
        try:
            for answer in self._says:
                heads.append(await reader.readuntil(b"\r\n\r\n"))
                await reader.readexactly(2)
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def saying(*says: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(says)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    one = Exchange(LOCAL, Names("127.0.0.1"))
    await one.start()
    yield one
    await one.stop()


async def post(exchange: Exchange, server: Server, scheme: str = "http") -> Result:
    url = f"{scheme}://hooks.example.com:{server.port}/in?a=1"
    request = HttpRequest(url, {"content-type": "text/plain"}, b"hi")
    return (await exchange.send(request, 20, "ep_1"))[0]


async def test_a_request_says_what_it_should(exchange: Exchange) -> None:
    async with saying(EMPTY) as server:
        assert (await post(exchange, server)).status == 204
    first, *lines = server.requests[0][0].decode().strip().split("\r\n")
    assert first == "POST /in?a=1 HTTP/1.1"
    assert sorted(lines) == [
        "accept: */*",
        "content-length: 2",
        "content-type: text/plain",
        f"host: hooks.example.com:{server.port}",
        "user-agent: Steward/0.1",
    ]


async def test_a_connection_is_used_again(exchange: Exchange) -> None:
    async with saying(*[EMPTY] * 5) as server:
        for _ in range(5):
            assert (await post(exchange, server)).status == 204
    assert [len(heads) for heads in server.requests] == [5]


async def test_requests_at_once_have_a_connection_each(exchange: Exchange) -> None:
    async with saying(EMPTY, EMPTY) as server:
        for _ in range(2):
            results = await asyncio.gather(*(post(exchange, server) for _ in range(8)))
            assert [result.status for result in results] == [204] * 8
    assert [len(heads) for heads in server.requests] == [2] * 8


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", 200, "ok"),
        (CHUNKED + b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n", 200, "ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", 503, ""),
        (b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 204, ""),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n", 304, ""),
    ],
    ids=["length", "chunks", "continue", "hints", "no body"],
)
async def test_answers_end_where_they_say(
    exchange: Exchange, answer: bytes, status: int, body: str
) -> None:
    async with saying(answer, answer) as server:
        for _ in range(2):
            result = await post(exchange, server)
            assert (result.status, result.body, result.failure) == (status, body, None)
    assert [len(heads) for heads in server.requests] == [2]


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", "ok"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n", "ok"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more", "ok"),
    ],
    ids=["http 1.0", "no length", "close", "two answers", "more than said"],
)
async def test_a_connection_that_cannot_be_trusted_is_not_used_again(
    exchange: Exchange, answer: bytes, body: str
) -> None:
    async with saying(answer) as server:
        for _ in range(2):
            result = await post(exchange, server)
            assert (result.status, result.body) == (200, body)
    assert [len(heads) for heads in server.requests] == [1, 1]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"", Failure.CONNECTION),
        (b"HTTP/1.1 200 OK\r\nconte", Failure.CONNECTION),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort", Failure.CONNECTION),
        (CHUNKED + b"5\r\nab", Failure.CONNECTION),
        (b"HTTP/1.1 200 OK\r\ncontent-length: nine\r\n\r\n", Failure.PROTOCOL),
        (b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", Failure.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\n" + b"x-long: y\r\n" * 20_000, Failure.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * MOST_HEAD * 2, Failure.PROTOCOL),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Failure.PROTOCOL),
    ],
    ids=["none", "head", "body", "chunk", "length", "upgrade", "headers", "header", "babble"],
)
async def test_what_is_no_answer_is_a_failure(
    exchange: Exchange, answer: bytes, failure: Failure
) -> None:
    async with saying(answer) as server:
        assert (await post(exchange, server)).failure is failure


async def test_a_connection_that_ended_while_it_was_kept_costs_no_attempt(
    exchange: Exchange,
) -> None:
    async with saying(EMPTY) as server:  # it says that it keeps connections, and closes them
        for _ in range(20):
            assert (await post(exchange, server)).status == 204
    assert len(server.requests) >= 20


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS for `hooks.example.com`, whose issuer this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.com")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def test_tls_is_for_the_name_and_not_for_the_address(certificate: ssl.SSLContext) -> None:
    exchange = Exchange(LOCAL, Names("127.0.0.1"))
    await exchange.start()
    async with saying(EMPTY, EMPTY, tls=certificate) as server:
        assert [(await post(exchange, server, "https")).status for _ in range(2)] == [204, 204]
        other = HttpRequest(f"https://other.example.com:{server.port}/", {}, b"hi")
        assert (await exchange.send(other, 20, "ep_1"))[0].failure is Failure.TLS
    assert len(server.requests[0]) == 2
    await exchange.stop()


async def test_an_issuer_whom_nobody_knows_is_not_trusted(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    exchange = Exchange(LOCAL, Names("127.0.0.1"))
    await exchange.start()
    async with saying(EMPTY, tls=certificate) as server:
        assert (await post(exchange, server, "https")).failure is Failure.TLS
    await exchange.stop()
