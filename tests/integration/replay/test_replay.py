"""`steward replay` against the services as processes: killed, resumed, and what comes of it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from shared.settings import Settings
from shared.topics import Topic
from steward import replicas
from steward.stack import Addresses
from tests.integration.ingest.conftest import Door, key_of

MESSAGES = 6_000
LURE = "加.薇.信 abcd8899 领红包"
START = 1_600_000_000


@pytest.fixture
async def services(
    settings: Settings, stack: Addresses, tmp_path: Path
) -> AsyncIterator[dict[str, str]]:
    """The four services as processes; yields their URLs."""
    own = {"STEWARD_NAMESPACE": settings.namespace, "STEWARD_DATABASE": settings.database}
    running = replicas.plan(tmp_path, stack, 1, own, {})
    try:
        for replica in running:
            replica.child.start()
        await asyncio.to_thread(replicas.wait_ready, running)
        yield {replica.service.name: replica.service.url for replica in running}
    finally:
        await asyncio.to_thread(replicas.stop, running, 10)


def export(path: Path) -> Path:
    """Write a group's chat of forty people over a month, with a lure in it."""
    messages = [
        {
            "id": number,
            "type": "message",
            "date_unixtime": str(START + number * 400),
            "from": f"Member {number % 40}",
            "from_id": f"user{number % 40}",
            "text": LURE if number == 100 else f"今天第{number}条，大家周末一起去爬山吗",
        }
        for number in range(1, MESSAGES + 1)
    ]
    chat = {"name": "Hikers", "type": "private_supergroup", "id": 7, "messages": messages}
    path.write_text(json.dumps(chat))
    return path


def command(file: Path, urls: dict[str, str]) -> list[str]:
    where = ["--url", urls["ingest"], "--rules-url", urls["rules"]]
    where += ["--scoring-url", urls["scoring"]]
    return [sys.executable, "-m", "steward", "replay", str(file), *where]


def sent_so_far(data: Path) -> int:
    """Return what the only bookmark tells."""
    return sum(json.loads(path.read_bytes())["sent"] for path in data.glob("replay/*.json"))


async def kill_half_way(program: list[str], env: dict[str, str], data: Path) -> int:
    """Run until some of the events are sent, kill, and return how many the bookmark tells of."""
    child = subprocess.Popen(program, env=env, stdout=subprocess.DEVNULL)  # noqa: ASYNC220
    deadline = monotonic() + 60
    sent = 0
    while sent < MESSAGES // 4:
        assert child.poll() is None, "it ended before it was killed"
        assert monotonic() < deadline
        sent = sent_so_far(data)
        await asyncio.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    await asyncio.to_thread(child.wait)
    return sent


@pytest.mark.timeout(240)
async def test_a_replay_killed_and_resumed_counts_everything_once_and_asks_for_nothing(
    services: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    file, data = export(tmp_path / "result.json"), tmp_path / "var"
    key = await key_of(settings, "acme")
    env = {**os.environ, "STEWARD_KEY": key, "STEWARD_DATA": str(data), "COLUMNS": "200"}
    program = command(file, services)
    sent = await kill_half_way(program, env, data)
    assert 0 < sent < MESSAGES

    async def run() -> str:
        done = await asyncio.to_thread(
            subprocess.run, program, env=env, capture_output=True, check=False, timeout=150
        )
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        return done.stdout.decode()

    out = await run()
    assert "events were sent before; going on after them" in out
    assert "What Steward flagged: 1 events" in out
    assert "加.薇.信" in out
    assert "Groups in danger: 0 of 1" in out

    async with httpx.AsyncClient(headers={"authorization": f"Bearer {key}"}) as client:
        door = Door(settings, client)
        told = await door.records()
        ids = Counter(record.value["id"] for record in told)
        assert set(ids) == {f"-1007/{number}" for number in range(1, MESSAGES + 1)}
        assert sum(ids.values()) <= MESSAGES + 500, "at most the batch under way came twice"
        assert {record.value["time"] for record in told} == {
            (START + number * 400) * 1000 for number in range(1, MESSAGES + 1)
        }
        members = await every(client, f"{services['scoring']}/v1/groups/-1007/members")
        assert sum(member["counts"]["messages"] for member in members) == MESSAGES - 1, (
            "each counts once, and the lure is taken back"
        )
        assert await door.records(Topic.ACTIONS) == []
    assert "All 6,000 events were sent before" in await run()


async def every(client: httpx.AsyncClient, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get(url, params={"limit": "100", **cursor})).raise_for_status().json()
        found += page["items"]
        if not page["next"]:
            return found
        cursor = {"cursor": page["next"]}
