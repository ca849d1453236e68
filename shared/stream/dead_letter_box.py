"""The dead-letter topic as operators see it: what is in it, and putting records back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from shared.settings import Settings
from shared.stream.dead_letters import header, replayed
from shared.stream.log_reader import LogReader
from shared.stream.publisher import Publisher
from shared.stream.raw import RawRecord
from shared.stream.topics import check_topics
from shared.topics import Topic


@dataclass(frozen=True)
class DeadLetter:
    """One dead letter; `place` names it, as in `3-17` (partition, offset)."""

    raw: RawRecord

    @property
    def place(self) -> str:
        return f"{self.raw.partition}-{self.raw.offset}"

    def told(self, name: str) -> str:
        """Return what a header says: stage, reason, traceback, origin-topic and so on."""
        return header(tuple(self.raw.headers), name)

    @property
    def can_be_replayed(self) -> bool:
        """Whether it stands for a record (and not for a timer or an outcome)."""
        return bool(self.told("origin-topic"))


class DeadLetterBox:
    """Reads the dead letters of an installation. Raises Kafka's errors while it is away."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = settings.topic(Topic.DLQ)

    async def letters(self) -> AsyncIterator[DeadLetter]:
        """Yield what is in the box, partition by partition, oldest first."""
        partitions = await check_topics(self._settings, [self._topic])
        for partition in range(partitions):
            async with LogReader(self._settings, self._topic, partition) as reader:
                async for records in reader.read(*await reader.bounds()):
                    for raw in records:
                        yield DeadLetter(raw)

    async def named(self, places: Sequence[str]) -> list[DeadLetter]:
        """Return the letters at these places. Raises `ValueError` for a place without one."""
        for place in places:
            if not re.fullmatch(r"\d+-\d+", place):
                raise ValueError(f"{place!r} is not a place such as 3-17 (partition-offset)")
        found = {one.place: one async for one in self.letters() if one.place in set(places)}
        missing = sorted(set(places) - set(found))
        if missing:
            raise ValueError(f"no dead letter at {', '.join(missing)}")
        return [found[place] for place in places]

    async def put_back(self, letters: Sequence[DeadLetter]) -> None:
        """Append records to the topics they came from, to be folded once more.

        Putting the same letter back again has no further effect while it is in
        its partition's duplicate memory. Raises `ValueError` for a letter that no
        record stands for.
        """
        records = [replayed(self._topic, one.raw) for one in letters]
        publisher = Publisher(self._settings)
        try:
            await publisher.acknowledged(await publisher.send(records))
        finally:
            await publisher.stop()
