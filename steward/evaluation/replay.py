"""Folds a history with the production stage, in the time of its messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from services.scoring.group import Group
from services.scoring.member import Member
from services.scoring.stage import GROUPS, MEMBERS, ScoringPartition, group_id, member_id
from shared.stream.contracts import Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from steward.evaluation.history import TENANT, History


class Replay:
    """What scoring knows of a community while its history is replayed."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._documents = MemoryDocuments()
        self._groups_of: dict[str, set[str]] = defaultdict(set)

    def stops(self, moments: Iterable[int]) -> Iterator[int]:
        """Yield each moment (s, ascending) when everything before it is folded, once."""
        stage, at = ScoringPartition(), 0
        messages = self._history.messages
        for moment in moments:
            start = at
            while at < len(messages) and messages[at].time < moment:
                self._groups_of[messages[at].member].add(messages[at].group)
                at += 1
            records = (
                Record(Topic.EVENTS, 0, number, messages[number].event(number))
                for number in range(start, at)
            )
            fold(stage, records, self._documents)
            yield moment

    def memberships(self, member: str) -> list[Member]:
        """Return what each group knows of a member."""
        keys = [member_id(TENANT, group, member) for group in sorted(self._groups_of[member])]
        return [self._documents.by_key[MEMBERS, key] for key in keys]

    def group(self, group: str) -> Group:
        """Return what is known of a group."""
        found: Group = self._documents.by_key[GROUPS, group_id(TENANT, group)]
        return found
