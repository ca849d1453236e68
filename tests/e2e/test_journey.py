"""One message's way through all of Steward: in by REST, judged, scored, out as a webhook."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from shared.settings import DEFAULT_PORTS
from steward.running import Running
from tests.e2e.up import Up, eventually

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAM = "代购清仓,名牌包三折起,想要的加.薇.信 daigou88621"


class Receiver:
    """An HTTP server in a thread that keeps what it is sent."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.url = ""
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        started.wait(60)

    def _run(self, started: threading.Event) -> None:
        self._loop.run_until_complete(self._start())
        started.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        application = web.Application()
        application.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(application)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/hook"

    async def _take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append((headers, await request.read()))
        return web.Response(status=204)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class Steward:
    """A running installation as its users reach it."""

    def __init__(self, up: Up, running: Running) -> None:
        self.up = up
        self._urls = {service.name: service.url for service in running.services}
        self.secrets: list[str] = []

    def key(self, tenant: str) -> str:
        made = self.up.command("keys", "create", "--tenant", tenant)
        self.secrets.append(made.stdout.split()[0])
        return self.secrets[-1]

    def call(self, method: str, service: str, path: str, key: str, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {key}", **more.pop("headers", {})}
        url = f"{self._urls[service]}/v1{path}"
        return httpx.request(method, url, headers=headers, timeout=60, **more)


@pytest.fixture(scope="module")
def steward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steward]:
    data: Path = tmp_path_factory.mktemp("journey")
    # The most talkative logs: even these must tell no secret.
    up = Up(
        data,
        replicas=1,
        STEWARD_NOTIFY_ALLOW_CIDRS="127.0.0.0/8",
        STEWARD_LOG_LEVEL="DEBUG",
    )
    try:
        yield Steward(up, up.start())
    finally:
        up.end()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


def message(id: str, text: str) -> dict[str, Any]:
    data = {"group": "g1", "member": "m1", "message": f"x-{id}", "text": text}
    return {
        "specversion": "1.0",
        "id": id,
        "source": "journey",
        "type": "message.posted",
        "data": data,
    }


@pytest.mark.timeout(400)
def test_a_lure_comes_back_as_a_signed_webhook_in_the_same_trace(
    steward: Steward, receiver: Receiver
) -> None:
    key = steward.key("acme")
    made = steward.call("POST", "notify", "/endpoints", key, json={"url": receiver.url})
    assert made.status_code == 201, made.text
    time.sleep(3)  # every replica knows a new endpoint about a second later
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    sent = steward.call("POST", "ingest", "/events", key, json=message("1", SPAM), headers=headers)
    assert sent.status_code == 202, sent.text

    assert eventually(lambda: len(receiver.received) > 0, 90)
    received, body = receiver.received[0]
    steward.secrets.append(made.json()["secret"])
    action = Webhook(steward.secrets[-1]).verify(body, received)
    assert (action["type"], action["message"]) == ("message.delete", "x-1")
    assert received["traceparent"].split("-")[1] == TRACE

    assert eventually(lambda: flags_of(steward, key) != [], 90)
    assert [flag["event"]["message"] for flag in flags_of(steward, key)] == ["x-1"]
    assert eventually(lambda: spam_of_group(steward, key) == 1, 90)

    log = (steward.up.data / "log" / "ingest-1.log").read_text(encoding="utf-8").splitlines()
    lines = [json.loads(line) for line in log if TRACE in line]
    assert [line["trace_id"] for line in lines] == [TRACE]


def flags_of(steward: Steward, key: str) -> list[dict[str, Any]]:
    """Return the flags there are; what comes of one may be on its way before it is stored."""
    found: list[dict[str, Any]] = steward.call("GET", "rules", "/flags", key).json()["items"]
    return found


def deliveries_of(steward: Steward, key: str) -> list[dict[str, Any]]:
    """Return the deliveries there are; one may have arrived before it is stored."""
    found: list[dict[str, Any]] = steward.call("GET", "notify", "/deliveries", key).json()["items"]
    return found


def spam_of_group(steward: Steward, key: str) -> int:
    answer = steward.call("GET", "scoring", "/groups/g1", key)
    return answer.json()["spam"] if answer.status_code == 200 else 0


@pytest.mark.timeout(400)
def test_another_tenant_sees_nothing_of_it(steward: Steward) -> None:
    key, other = steward.key("acme"), steward.key("other")
    flag = steward.call("GET", "rules", "/flags", key).json()["items"][0]
    assert eventually(lambda: deliveries_of(steward, key) != [], 90)
    delivery = deliveries_of(steward, key)[0]
    for service, path in (
        ("rules", f"/flags/{flag['id']}"),
        ("scoring", "/groups/g1"),
        ("scoring", "/members/m1"),
        ("notify", f"/deliveries/{delivery['id']}"),
        ("notify", f"/endpoints/{delivery['endpoint']}"),
    ):
        assert steward.call("GET", service, path, key).status_code == 200, path
        assert steward.call("GET", service, path, other).status_code == 404, path
        assert steward.call("GET", service, path, "sk_wrong").status_code == 401, path
    for service, path in (("rules", "/flags"), ("scoring", "/groups"), ("notify", "/deliveries")):
        assert steward.call("GET", service, path, other).json()["items"] == []


@pytest.mark.timeout(400)
def test_a_repeated_post_counts_once(steward: Steward) -> None:
    key = steward.key("twice")
    for _ in range(3):
        answer = steward.call("POST", "ingest", "/events", key, json=message("7", "大家早上好"))
        assert answer.status_code == 202
    assert eventually(lambda: messages_of_group(steward, key) == 1, 90)
    steward.call("POST", "ingest", "/events", key, json=message("8", "今天的雨真大呀"))
    assert eventually(lambda: messages_of_group(steward, key) == 2, 90)


def messages_of_group(steward: Steward, key: str) -> int:
    answer = steward.call("GET", "scoring", "/groups/g1", key)
    return answer.json()["messages"] if answer.status_code == 200 else 0


@pytest.mark.timeout(400)
def test_logs_tell_no_key_no_secret_and_no_text(steward: Steward) -> None:
    token = "a-token-that-only-the-platform-knows"
    door = {"hook": {"platform": "telegram", "secrets": {"secret_token": token}}}
    made = steward.call("PUT", "ingest", "/sources/bot", steward.secrets[0], json=door)
    assert made.is_success, made.text
    logs = list((steward.up.data / "log").glob("*-1.log"))
    assert {path.name for path in logs} >= {f"{name}-1.log" for name in DEFAULT_PORTS}
    assert len(steward.secrets) >= 5
    for path in logs:
        said = path.read_text(encoding="utf-8")
        for secret in (*steward.secrets, token, SPAM, "大家早上好", "daigou88621"):
            assert secret not in said, f"{path.name} tells {secret}"
