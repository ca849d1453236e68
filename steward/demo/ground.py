"""The ground that a run stands on: topics and a database of its own.

Time in a partition only moves on. A day that is told again after it has been
told once would come too late for its timers, so no two runs share a log.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient

from shared.kafka import client_options
from shared.mongo import connect
from shared.settings import Settings

_STAMP: Final = r"demo-\d{8}-\d{6}"


def fresh(settings: Settings, now: datetime) -> Settings:
    """Return settings for a run that starts now: those of the user, on fresh ground."""
    stamp = f"demo-{now:%Y%m%d-%H%M%S}"
    return settings.model_copy(
        update={
            "namespace": f"{settings.namespace}{stamp}.",
            "database": f"{settings.database}_{stamp}",
        }
    )


def variables(settings: Settings) -> dict[str, str]:
    """Return the environment variables that put a service on this ground."""
    return {"STEWARD_NAMESPACE": settings.namespace, "STEWARD_DATABASE": settings.database}


async def clear_earlier(user: Settings, own: Settings) -> None:
    """Remove what earlier runs left: their topics and databases, known by their names.

    `user` are the settings that runs are derived from, `own` those of this run.
    Raises aiokafka's and PyMongo's errors.
    """
    await _delete_topics(user, own)
    earlier = re.compile(rf"{re.escape(user.database)}_{_STAMP}")
    async with connect(own) as client:
        for name in await client.list_database_names():
            if earlier.fullmatch(name) and name != own.database:
                await client.drop_database(name)


async def _delete_topics(user: Settings, own: Settings) -> None:
    earlier = re.compile(rf"{re.escape(user.namespace)}{_STAMP}\..+")
    admin = AIOKafkaAdminClient(**client_options(own))
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if earlier.fullmatch(name)]
        left_over = [name for name in names if not name.startswith(own.namespace)]
        if left_over:
            await admin.delete_topics(left_over)
    finally:
        await admin.close()
