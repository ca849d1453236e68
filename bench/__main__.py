"""`make bench`: measures every part on real servers and writes down what it saw."""

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
from pathlib import Path
from typing import Any, Final

import uvloop
from pydantic import SecretStr
from rich.console import Console

from bench import end_to_end, ingest, known_members, notify, report, rules, runtime, scoring
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
    "known_members": known_members.measure,
    "notify": notify.measure,
    "end_to_end": end_to_end.measure,
}


async def measure_all(addresses: Addresses, names: list[str]) -> dict[str, dict[str, float]]:
    """Measure the named parts one after the other, each on an installation of its own."""
    figures: dict[str, dict[str, float]] = {}
    for name in names:
        unique = f"bench-{uuid.uuid4().hex[:8]}"
        settings = Settings(
            kafka=addresses.kafka,
            mongo=SecretStr(addresses.mongo),
            namespace=f"{unique}.",
            database=unique,
            partitions=4,
        )
        await migrate(settings)
        figures[name] = await PARTS[name](settings)
        report.show(Console(), name, figures[name])
    if known_members.RATIO in figures.get("known_members", {}):
        ratio = figures["known_members"].pop(known_members.RATIO)
        figures.setdefault("scoring", {})[known_members.RATIO] = ratio
    return figures


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
    """Return on what the figures were taken."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": os.cpu_count(),
        "processor": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "command": "make bench",
    }


def main() -> None:
    """Measure and write `build/bench.json` and `docs/benchmarks.md`."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        sys.exit(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    with servers() as addresses:
        figures = uvloop.run(measure_all(addresses, wanted))
    result = {"machine": machine(), **figures}
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "bench.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if set(wanted) == set(PARTS):
        report.write(ROOT / "docs" / "benchmarks.md", result)


if __name__ == "__main__":
    main()
