from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import httpx
import pytest

from shared.settings import Settings
from steward.stack.ports import free_ports
from tests.integration.ingest.conftest import Door, posted


def environment(settings: Settings, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "STEWARD_KAFKA": settings.kafka,
        "STEWARD_MONGO": settings.mongo.get_secret_value(),
        "STEWARD_DATABASE": settings.database,
        "STEWARD_NAMESPACE": settings.namespace,
        **more,
    }


async def steward(settings: Settings, *arguments: str, **more: str) -> tuple[int, str]:
    """Run the command; return its status and what it printed."""
    program = [sys.executable, "-c", "from steward.cli import app; app()", *arguments]
    done = await asyncio.to_thread(
        subprocess.run,
        program,
        env=environment(settings, COLUMNS="200", **more),
        capture_output=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout.decode() + ("" if not done.returncode else str(done.stderr))


@pytest.fixture
async def process(settings: Settings) -> AsyncIterator[tuple[subprocess.Popen[bytes], Door]]:
    """Ingest as a process of its own."""
    port = free_ports(1)[0]
    child = subprocess.Popen(  # noqa: ASYNC220 (it only starts here)
        [sys.executable, "-m", "services.ingest"],
        env=environment(settings, STEWARD_PORT=str(port)),
        stdout=subprocess.PIPE,
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        deadline = monotonic() + 30
        while True:
            try:
                if (await client.get("/readyz")).status_code == 200:
                    break
            except httpx.TransportError:
                assert child.poll() is None, "ingest has ended"
            assert monotonic() < deadline
            await asyncio.sleep(0.1)
        yield child, Door(settings, client)
    child.kill()
    child.communicate()


async def test_a_file_is_sent_with_a_key_made_by_the_command(
    process: tuple[subprocess.Popen[bytes], Door], settings: Settings, tmp_path: Path
) -> None:
    child, door = process
    status, out = await steward(settings, "keys", "create", "--tenant", "acme", "--name", "test")
    assert status == 0
    key = out.strip()
    assert key.startswith("sk_")

    file = tmp_path / "events.ndjson"
    lines = [json.dumps(posted(str(number))) for number in range(1200)]
    file.write_text("\n".join([*lines[:600], '{"id": "bad"}', *lines[600:]]))
    url = str(door.client.base_url)
    status, out = await steward(settings, "send", str(file), "--url", url, STEWARD_KEY=key)
    assert status == 1
    assert "1200 accepted, 1 rejected" in out
    assert "event 601: Invalid event" in out
    assert [int(record.value["id"]) for record in await door.records()] == list(range(1200))

    status, out = await steward(settings, "keys", "list", "--tenant", "acme")
    assert (status, key[-4:] in out, key in out) == (0, True, False)
    key_id = next(word for word in out.split() if word.startswith("key_"))
    assert (await steward(settings, "keys", "revoke", key_id))[0] == 0
    assert (await steward(settings, "keys", "revoke", key_id))[0] == 1

    child.send_signal(signal.SIGTERM)
    stdout, _ = await asyncio.to_thread(child.communicate, timeout=20)
    assert child.returncode == 0
    logged = [json.loads(line) for line in stdout.splitlines()]
    assert {"kafka_connected", "service_stopping"} <= {line["event"] for line in logged}
    assert key not in stdout.decode()
    assert "早上好" not in stdout.decode()


async def test_a_wrong_key_stops_the_command_at_once(
    process: tuple[subprocess.Popen[bytes], Door], settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps([posted("a")]))
    url = str(process[1].client.base_url)
    status, out = await steward(settings, "send", str(file), "--url", url, "--key", "sk_wrong")
    assert status == 1
    assert "401 Unauthorized" in out
