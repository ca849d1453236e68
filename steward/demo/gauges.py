"""Reads the services' own metrics: how far behind they are, and what they dropped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from steward.running import Running

_LAG = "steward_stream_lag_records"
_DUPLICATES = "steward_stream_duplicates_total"
_DEAD_LETTERS = "steward_stream_dead_letters_total"


@dataclass(frozen=True)
class Gauges:
    """Sums over all replicas.

    `lag` counts records that a stage has not come to, `duplicates` events that
    scoring dropped as repeats, `dead_letters` records that failed.
    """

    lag: int = 0
    duplicates: int = 0
    dead_letters: int = 0

    def since(self, before: Gauges) -> Gauges:
        """Return what was counted after `before`; the lag is that of now."""
        return Gauges(
            self.lag,
            self.duplicates - before.duplicates,
            self.dead_letters - before.dead_letters,
        )


async def read_gauges(session: aiohttp.ClientSession, running: Running) -> Gauges:
    """Read the metrics of every process. Raises aiohttp's errors when one does not answer."""
    urls = [f"{service.url}/metrics" for service in running.services]
    texts = await asyncio.gather(*(_read(session, url) for url in urls))
    return total(texts)


def total(texts: list[str]) -> Gauges:
    """Add up what the processes tell in Prometheus' text format."""
    lag = duplicates = dead_letters = 0.0
    for text in texts:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == _LAG:
                    lag += sample.value
                elif sample.name == _DEAD_LETTERS:
                    dead_letters += sample.value
                elif sample.name == _DUPLICATES and _is_of_events(sample.labels):
                    duplicates += sample.value
    return Gauges(int(lag), int(duplicates), int(dead_letters))


def _is_of_events(labels: dict[str, str]) -> bool:
    return labels.get("stage") == "scoring" and labels.get("topic") == "events"


async def _read(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as response:
        return await response.text()
