"""Runs the peers in their own environment, on the same topic as Steward's runtime."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from bench.peers.work import WORKS
from shared.settings import Settings
from shared.topics import Topic

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = ROOT / ".venv" / "peers" / "bin" / "python"
"""Made by `make bench` from requirements/peers.txt."""
PEERS: Final = {"faststream": "FastStream", "quix": "Quix Streams"}
_PACKAGES: Final = {"FastStream": "faststream", "Quix Streams": "quixstreams"}
SECONDS: Final = 120
ATTEMPTS: Final = 3
"""Quix Streams gives up where the broker does not know its new changelog topic at once."""


class PeersMissingError(Exception):
    """The environment of the peers has not been made."""

    def __init__(self) -> None:
        super().__init__(f"{PYTHON} is not there: `make bench` makes it")


async def measure(settings: Settings, events: int) -> dict[str, float]:
    """Return events a second and CPU µs an event, for every peer and work.

    Raises `PeersMissingError`, and `CalledProcessError` for a peer that failed.
    """
    if not PYTHON.exists():
        raise PeersMissingError
    figures: dict[str, float] = {}
    for peer in PEERS:
        for work in WORKS:
            found = await _run(peer, work, settings, events)
            figures |= {f"{peer}_{work}_{name}": value for name, value in found.items()}
    return figures


async def _run(peer: str, work: str, settings: Settings, events: int) -> dict[str, float]:
    topic, group = settings.topic(Topic.EVENTS), f"{settings.namespace}{uuid4().hex[:8]}"
    arguments = [settings.kafka, topic, group, str(events), work]
    for _ in range(ATTEMPTS):
        child = await asyncio.create_subprocess_exec(
            *(str(PYTHON), "-m", f"bench.peers.with_{peer}", *arguments),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(SECONDS):
                output, _ = await child.communicate()
        except TimeoutError:
            child.kill()
            await child.wait()
            raise
        if child.returncode == 0:
            figures: dict[str, float] = json.loads(output.splitlines()[-1])
            return figures
    raise subprocess.CalledProcessError(child.returncode or 0, f"{peer} {work}")


def versions() -> dict[str, Any]:
    """Return the version of each peer, by the name that people call it."""
    if not PYTHON.exists():
        return {}
    script = (
        "import json, sys; from importlib.metadata import version; "
        "print(json.dumps([version(name) for name in sys.argv[1:]]))"
    )
    run = subprocess.run(
        [PYTHON, "-c", script, *_PACKAGES.values()], capture_output=True, text=True, check=True
    )
    return dict(zip(_PACKAGES, json.loads(run.stdout), strict=True))
