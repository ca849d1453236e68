"""How many bytes an installation keeps in Kafka's log and in MongoDB."""

from __future__ import annotations

from pathlib import Path

import psutil

from shared.mongo import Client
from shared.settings import Settings


async def stored(
    settings: Settings, client: Client, servers: list[psutil.Process]
) -> dict[str, float]:
    """Return bytes by place; Kafka's only where its log is on this machine.

    MongoDB's are those of the documents before compression, and of indexes.
    """
    stats = await client[settings.database].command("dbStats")
    found = {"mongo": float(stats["dataSize"]), "mongo_indexes": float(stats["indexSize"])}
    logs = _logs(servers)
    if logs is not None:
        segments = logs.glob(f"{settings.namespace}*/*.log")
        found["kafka"] = float(sum(path.stat().st_size for path in segments))
    return found


def _logs(servers: list[psutil.Process]) -> Path | None:
    """Return the folder of the logs, from the properties that the broker was started with."""
    for server in servers:
        for argument in server.cmdline():
            path = Path(argument)
            if path.suffix == ".properties" and path.is_file():
                lines = path.read_text(encoding="utf-8").splitlines()
                options = dict(line.split("=", 1) for line in lines if "=" in line)
                return Path(options["log.dirs"])
    return None
