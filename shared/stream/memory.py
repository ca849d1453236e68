"""Durable documents in memory: folds a stage without Kafka or MongoDB."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.stream.contracts import (
    Concluding,
    D,
    Documents,
    Input,
    Key,
    Kind,
    Output,
    PartitionStage,
)


class MemoryDocuments(Documents):
    """All documents of a stage in a dict, held to the same rule: only named keys are read."""

    def __init__(self) -> None:
        self.by_key: dict[Key, Any] = {}
        self._named: set[Key] = set()

    def name(self, keys: Iterable[Key]) -> None:
        """Allow the documents with these keys to be read, and no others."""
        self._named = set(keys)

    def get(self, kind: Kind[D], id: str) -> D | None:
        if (kind, id) not in self._named:
            raise KeyError(f"{kind.name}/{id} is not among the keys of this input")
        found: D | None = self.by_key.get((kind.borrows or kind, id))
        return found

    def put(self, kind: Kind[D], id: str, document: D) -> None:
        self._named.add((kind, id))
        self.by_key[kind, id] = document

    def remove(self, kind: Kind[Any], id: str) -> None:
        self.by_key.pop((kind, id), None)


def fold(
    stage: PartitionStage, inputs: Iterable[Input], documents: MemoryDocuments
) -> list[Output]:
    """Apply inputs one after the other, each a batch, and return everything that went out."""
    outputs: list[Output] = []
    concluding = stage if isinstance(stage, Concluding) else None
    for item in inputs:
        documents.name(stage.keys(item))
        outputs.extend(stage.apply(item, documents))
        if concluding is not None:
            outputs.extend(concluding.conclude())
    return outputs
