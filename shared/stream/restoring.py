"""Rebuilds a partition's recent state from the log, up to its checkpoint."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import structlog
from aiokafka.errors import KafkaError

from shared.settings import Settings
from shared.stream.checkpoints import Checkpoint
from shared.stream.contracts import Stage
from shared.stream.folding import Folder
from shared.stream.log_reader import LogReader

log = structlog.get_logger(__name__)

MARGIN: Final = timedelta(minutes=5)
RETRY_SECONDS: Final = 1.0


async def rebuild(
    folder: Folder, stage: Stage, settings: Settings, number: int, checkpoint: Checkpoint
) -> None:
    """Bring a new folder to where `checkpoint` stands, waiting while Kafka is away.

    Topics are read one after the other, so a stage's recent state must not
    depend on how records of different topics interleave.
    """
    while any(checkpoint.offsets.values()):
        try:
            await _read(folder, stage, settings, number, checkpoint)
            break
        except (KafkaError, OSError) as error:
            log.warning("restore_failing", stage=stage.name, partition=number, error=repr(error))
            folder.reopen()
            await asyncio.sleep(RETRY_SECONDS)
    folder.offsets = dict(checkpoint.offsets)
    folder.appended = dict(checkpoint.appended)


async def _read(
    folder: Folder, stage: Stage, settings: Settings, number: int, checkpoint: Checkpoint
) -> None:
    reach = int((stage.horizon + MARGIN) / timedelta(milliseconds=1))
    for topic in stage.topics:
        end = checkpoint.offsets.get(topic, 0)
        if end == 0:
            continue
        since = checkpoint.appended.get(topic, 0) - reach
        async with LogReader(settings, settings.topic(topic), number) as reader:
            start = await reader.start_of(end, settings.seen_records, since)
            async for records in reader.read(start, end):
                folder.rebuild(topic, records)
                await asyncio.sleep(0)
