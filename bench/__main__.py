"""`make bench [parts]`: measures on real servers and writes down what it saw."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psutil
import uvloop
from pydantic import SecretStr
from rich.console import Console

from bench import (
    console,
    end_to_end,
    growth,
    ingest,
    known_members,
    notify,
    report,
    rules,
    runtime,
    scoring,
)
from bench.asked import lacking
from bench.peers import contenders
from bench.rounds import MOST, Figures, medians, rounds, spread
from bench.size import QUICK
from shared.mongo import connect
from shared.settings import Settings
from steward.migrate import migrate
from steward.stack import Addresses, LocalStack

ROOT: Final = Path(__file__).parents[1]
Measure = Callable[[Settings], Awaitable[dict[str, float]]]


async def _pure(measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    return await asyncio.to_thread(measure)


PARTS: Final[dict[str, Measure]] = {
    "runtime": runtime.measure,
    "ingest": ingest.measure,
    "rules": lambda _: _pure(rules.measure),
    "scoring": lambda _: _pure(scoring.measure),
    "notify": notify.measure,
    "end_to_end": end_to_end.measure,
    "growth": growth.measure,
    "known_members": known_members.measure,
}
ON_REQUEST: Final[dict[str, Measure]] = {"console": console.measure}
"""Parts that are measured only when they are named: they need a browser, and time."""
LIBRARIES: Final = ("aiokafka", "pymongo", "fastapi", "pydantic", "msgspec", "uvloop", "aiohttp")
SECONDS: Final = 12 * 60.0
"""Parts are repeated as long as all of it ends within this time."""


async def measure_all(addresses: Addresses, names: list[str]) -> dict[str, list[Figures]]:
    """Measure the named parts as often as there is time, each run on an installation of its own."""

    async def measure(name: str) -> Figures:
        try:
            figures = await _measure(addresses, name)
        except Exception:  # one part that fails must not cost a quarter of an hour's figures
            Console(stderr=True).print_exception()
            return {}
        report.show(Console(), name, figures)
        return figures

    return await rounds(
        names, measure, SECONDS, most=1 if QUICK or set(names) <= set(ON_REQUEST) else MOST
    )


async def _measure(addresses: Addresses, name: str) -> Figures:
    unique = f"bench-{uuid.uuid4().hex[:8]}"
    settings = Settings(
        kafka=addresses.kafka,
        mongo=SecretStr(addresses.mongo),
        namespace=f"{unique}.",
        database=unique,
        partitions=4,
    )
    await migrate(settings)
    try:
        return await (PARTS | ON_REQUEST)[name](settings)
    finally:
        await _drop(settings)


async def _drop(settings: Settings) -> None:
    """Leave nothing that the next part would have to share the disk and MongoDB's cache with."""
    async with connect(settings) as client:
        for name in await client.list_database_names():
            if name.startswith(settings.database):
                await client.drop_database(name)


@contextmanager
def servers() -> Iterator[Addresses]:
    """Kafka and mongod for the benchmark, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        stack = LocalStack(
            Path(folder),
            kafka=os.environ.get("STEWARD_TEST_KAFKA"),
            mongo=os.environ.get("STEWARD_TEST_MONGO"),
        )
        stack.prepare()
        try:
            yield stack.start()
        finally:
            stack.stop()


def machine() -> dict[str, Any]:
    """Return on what the figures were taken, and with which versions."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "processor": _processor(),
        "python": platform.python_version(),
        "command": "make bench-quick" if QUICK else "make bench",
        "versions": {
            **{name: version(name) for name in LIBRARIES},
            **contenders.versions(),
        },
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def result_of(runs: dict[str, list[Figures]]) -> dict[str, Any]:
    """Return what is written down: medians by part, and beside them how far the runs lay apart."""
    runs = {name: [run for run in each if run] for name, each in runs.items()}
    figures = {name: medians(each) for name, each in runs.items() if each}
    for short, many in (("1m", 1_000_000), ("5m", 5_000_000)):
        grown = figures.get("known_members", {}).get(f"same_talk_cpu_{many}_vs_10000")
        if grown is not None:
            figures.setdefault("scoring", {})[f"cpu_{short}_vs_10k_members"] = grown
    return {
        "machine": machine(),
        "runs": {name: len(each) for name, each in runs.items()},
        **figures,
        "spread": {name: spread(each) for name, each in runs.items() if len(each) > 1},
    }


def main() -> int:
    """Measure and write `build/bench.json`; after a whole run also docs/benchmarks.md.

    Returns 1 where a part failed.
    """
    wanted = sys.argv[1:] or list(PARTS)
    known = [*PARTS, *ON_REQUEST]
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        sys.exit(f"no part {', '.join(unknown)}; there are {', '.join(known)}")
    with servers() as addresses:
        result = result_of(uvloop.run(measure_all(addresses, wanted)))
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "bench.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if set(wanted) == set(PARTS) and not QUICK:
        report.write(ROOT / "docs", result)
        for missing in lacking(result):
            print(f"bench: {missing} was not measured", file=sys.stderr)
    return int(any(name not in result for name in wanted))


if __name__ == "__main__":
    sys.exit(main())
