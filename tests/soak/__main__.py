"""`make soak MINUTES=20`: steady load, and whether memory, files and sizes stay flat.

Writes build/soak.json and docs/soak.svg.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import mean
from time import monotonic
from typing import Any, Final

import aiohttp
import psutil
from pymongo import AsyncMongoClient

from bench.plot import chart
from tests.chaos.load import Client, Told
from tests.chaos.platform import Platform
from tests.chaos.system import System

CLIENTS: Final = 4
PAUSE_SECONDS: Final = 0.05
SAMPLE_SECONDS: Final = 5.0
BOUNDS: Final = {"STEWARD_SEEN_RECORDS": "3000", "STEWARD_CACHE_DOCUMENTS": "500"}
"""So little that what the services remember is full within minutes: it grows up to there."""
CACHE_GIGABYTES: Final = 0.25
MOST_GROWTH: Final = 1.08
"""The last quarter's mean memory or number of files, over the third quarter's: the first half of
a run fills caches."""

Sample = dict[str, float]


async def soak(root: Path, minutes: float) -> tuple[list[Sample], Told]:
    """Return a sample every few seconds, and what was accepted meanwhile."""
    system, platform, told = System(root, BOUNDS, CACHE_GIGABYTES), Platform(), Told()
    await system.start()
    hook = await platform.start()
    samples: list[Sample] = []
    try:
        async with aiohttp.ClientSession() as session:
            key = await system.key()
            headers = {"authorization": f"Bearer {key}"}
            async with session.post(
                f"{system.url('notify')}/v1/endpoints", json={"url": hook}, headers=headers
            ) as answer:
                platform.trust((await answer.json())["secret"])
            ended = asyncio.Event()
            url = f"{system.url('ingest')}/v1/events:batch"
            clients = [
                asyncio.create_task(Client(n, url, key, told, PAUSE_SECONDS).run(session, ended))
                for n in range(CLIENTS)
            ]
            started = monotonic()
            while monotonic() - started < minutes * 60:
                await asyncio.sleep(SAMPLE_SECONDS)
                samples.append(await _sample(system, root, told, monotonic() - started))
            ended.set()
            await asyncio.gather(*clients)
    finally:
        await system.stop()
        await platform.stop()
    return samples, told


async def _sample(system: System, root: Path, told: Told, second: float) -> Sample:
    sample: Sample = {"second": round(second, 1), "events": told.accepted}
    for child in system.processes():
        process = psutil.Process(child.pid)
        sample[f"{child.name} MB"] = round(process.memory_info().rss / 2**20, 1)
        sample[f"{child.name} files"] = process.num_fds()
    async with AsyncMongoClient[dict[str, Any]](system.mongo.uri) as client:
        stats = await client[system.settings.database].command("dbStats")
    sample["mongo data MB"] = round(stats["dataSize"] / 2**20, 2)
    logs = (root / "kafka").rglob("*.log")
    sample["kafka log MB"] = round(sum(path.stat().st_size for path in logs) / 2**20, 2)
    return sample


def growth(samples: list[Sample]) -> dict[str, float]:
    """Return, for what should be flat, the mean of the last quarter over that of the third."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[-2 * quarter : -quarter], samples[-quarter:]
    names = [n for n in samples[0] if n.endswith((" files", "-1 MB", "-2 MB", "mongod MB"))]
    return {
        name: round(mean(s[name] for s in late) / max(mean(s[name] for s in early), 1), 3)
        for name in names
    }


def main() -> int:
    minutes = float(os.environ.get("MINUTES", "20"))
    with tempfile.TemporaryDirectory(prefix="steward-soak-") as root:
        samples, told = asyncio.run(soak(Path(root), minutes))
    grown = growth(samples)
    first, last = samples[len(samples) // 2], samples[-1]
    events = max(1, last["events"] - first["events"])
    report = {
        "minutes": minutes,
        "events_accepted": told.accepted,
        "growth": grown,
        "bytes_per_event": {
            "mongo": round((last["mongo data MB"] - first["mongo data MB"]) * 2**20 / events),
            "kafka": round((last["kafka log MB"] - first["kafka log MB"]) * 2**20 / events),
        },
        "grew": sorted(name for name, times in grown.items() if times > MOST_GROWTH),
        "samples": samples,
    }
    Path("build").mkdir(exist_ok=True)
    Path("build", "soak.json").write_text(json.dumps(report, indent=1) + "\n")
    memory = [name for name in samples[0] if name.endswith(" MB") and "kafka log" not in name]
    lines = {name: [(s["second"] / 60, s[name]) for s in samples[::3]] for name in memory}
    Path("docs", "soak.svg").write_text(chart("Memory, MB", "minute", lines))
    print(json.dumps({name: report[name] for name in report if name != "samples"}, indent=1))
    return int(bool(report["grew"]))


if __name__ == "__main__":
    sys.exit(main())
