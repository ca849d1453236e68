"""Partitions of the rules stage that share MongoDB, with windows over all groups of a tenant."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from services.rules.pack import Pack, load
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.stage import rules_stage
from services.rules.tenant_windows.series import TENANT_SERIES
from shared.events import BaseEvent
from shared.stream.contracts import Concluding, Output, Record
from shared.stream.memory import MemoryDocuments
from shared.tallies import Tally
from shared.topics import Topic
from shared.verdicts import Flag
from tests.unit.rules.judging import flags, records

OWN = """\
name: own
extends: default
windows:
  - {name: groups_1m, span: 1m, of: [message], by: [tenant, member], unique: group}
  - {name: posts_1h, span: 1h, of: [message], by: [tenant, member]}
  - {name: all_24h, span: 24h, of: [message], by: [tenant], per: hour}
  - {name: long_1h, span: 1h, of: [message], by: [tenant], share: text.length > 5}
rules:
  - name: everywhere
    label: advertising
    weight: 0.9
    when: window.groups_1m >= 20
    because: one message in each of very many groups
  - name: telling
    label: reported
    weight: 0.4
    when: window.posts_1h > 0 && window.all_24h >= 0 && window.long_1h >= 0
    because: tells what is counted
"""
PARTITIONS = 3
PACK_OVER_GROUPS = load(OWN, "own.yaml")


@cache
def _judges(version: str) -> OneRuleSet:
    return OneRuleSet(_PACKS[version])


_PACKS: dict[str, Pack] = {}
"""By version: what makes a rule set ready is done once."""


class Replicas:
    """Partitions of one stage that share MongoDB; what they tell owners waits to be delivered."""

    def __init__(self, pack: Pack, partitions: int = PARTITIONS) -> None:
        _PACKS[pack.version] = pack
        stage = rules_stage(_judges(pack.version))
        self.stages = [stage.open_partition(number) for number in range(partitions)]
        self._open = stage.open_partition
        self.documents = MemoryDocuments()
        self.logs: list[list[Record]] = [[] for _ in self.stages]
        self.waiting: list[Tally] = []
        self._tallies = 0

    def home(self, event: BaseEvent) -> int:
        return int(event.group.removeprefix("g")) % len(self.stages)

    def log(self, event: BaseEvent) -> Record:
        home = self.home(event)
        record = Record(Topic.EVENTS, home, len(self.logs[home]), event)
        self.logs[home].append(record)
        return record

    def see(self, *events: BaseEvent) -> list[Flag]:
        """Judge events one by one; what they tell waits."""
        return [flag for event in events for flag in flags(self.batch([self.log(event)]))]

    def batch(self, batch: Sequence[Record]) -> list[Output]:
        """Fold records of one partition together."""
        found: list[Output] = []
        for record in batch:
            stage = self.stages[record.partition]
            self.documents.name(stage.keys(record))
            found += stage.apply(record, self.documents)
        concluding = self.stages[batch[0].partition]
        assert isinstance(concluding, Concluding)
        found += concluding.conclude()
        self.waiting += records(found, Tally)
        return found

    def deliver(self) -> None:
        """Hand the owners what waits for them."""
        waiting, self.waiting = self.waiting, []
        for tally in waiting:
            self.count(tally)

    def count(self, tally: Tally) -> None:
        owner = self.stages[tally.slot % len(self.stages)]
        self._tallies += 1
        record = Record(Topic.TALLIES, 0, self._tallies, tally)
        self.documents.name(owner.keys(record))
        assert list(owner.apply(record, self.documents)) == []

    def restart(self, number: int) -> None:
        """Open a partition anew, rebuilt from its log."""
        self.forget(number)
        for record in self.logs[number]:
            self.stages[number].rebuild(record)

    def forget(self, number: int) -> None:
        """Open a partition anew, with nothing of its log."""
        self.stages[number] = self._open(number)

    @property
    def counted(self) -> int:
        """How many events all series have together."""
        return sum(
            bucket.count
            for (kind, _), document in self.documents.by_key.items()
            if kind is TENANT_SERIES
            for bucket in document.buckets
        )
