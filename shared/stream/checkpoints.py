"""Checkpoints: where a partition's state stands in the log, and who may move it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pymongo import DeleteOne, ReplaceOne, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection

from shared.mongo import Client, Database, Document
from shared.stream.contracts import Key
from shared.stream.documents import to_bson

COLLECTION: Final = "checkpoints"


class Fenced(Exception):
    """Another owner has claimed the partition: nothing of this flush was written."""


@dataclass(frozen=True)
class Checkpoint:
    """How far a partition's durable state has come.

    `offsets` and `appended` hold, by topic, the next offset to fold and the
    broker's time of the last folded record (ms). `epoch` counts the owners.
    """

    epoch: int
    offsets: Mapping[str, int] = field(default_factory=dict)
    appended: Mapping[str, int] = field(default_factory=dict)


class Checkpoints:
    """The checkpoints of one stage, each moved together with the state it stands for.

    An owner claims a partition by raising its epoch. A flush is one MongoDB
    transaction that succeeds only while the epoch is still the owner's, so what
    a zombie folded is dropped as a whole. Raises PyMongo's errors while MongoDB
    is away; every call may then be repeated.
    """

    def __init__(self, client: Client, database: Database, stage: str, owner: str) -> None:
        self._client = client
        self._database = database
        self._stage = stage
        self._owner = owner

    @property
    def _collection(self) -> AsyncCollection[Document]:
        return self._database[COLLECTION]

    def _id(self, partition: int) -> str:
        return f"{self._stage}/{partition}"

    async def claim(self, partition: int) -> Checkpoint:
        """Become the partition's owner, and fence whoever was."""
        raw = await self._collection.find_one_and_update(
            {"_id": self._id(partition)},
            {"$inc": {"epoch": 1}, "$set": {"owner": self._owner}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        assert raw is not None, "an upsert that answers with the document after it"
        return Checkpoint(raw["epoch"], raw.get("offsets", {}), raw.get("appended", {}))

    async def still_owned(self, partition: int, epoch: int) -> bool:
        """Return whether nobody has claimed the partition since `epoch`."""
        found = await self._collection.find_one({"_id": self._id(partition), "epoch": epoch})
        return found is not None

    async def save(
        self, partition: int, checkpoint: Checkpoint, changes: Mapping[Key, Any]
    ) -> None:
        """Write changed documents and the checkpoint, all or nothing.

        Documents are written whole, so repeating a save whose answer was lost
        changes nothing. Raises `Fenced` when the epoch is no longer in force.
        """
        writes = _writes(changes, partition)
        # Not with_transaction: it would retry in silence for two minutes while MongoDB is away.
        async with (
            self._client.start_session() as session,
            await session.start_transaction(),
        ):
            await self._move(partition, checkpoint, session)
            for collection, operations in writes.items():
                await self._database[collection].bulk_write(
                    operations, ordered=False, session=session
                )

    async def _move(
        self, partition: int, checkpoint: Checkpoint, session: AsyncClientSession
    ) -> None:
        place = {"offsets": dict(checkpoint.offsets), "appended": dict(checkpoint.appended)}
        moved = await self._collection.update_one(
            {"_id": self._id(partition), "epoch": checkpoint.epoch},
            {"$set": place},
            session=session,
        )
        if moved.matched_count != 1:
            raise Fenced(f"{self._id(partition)}: epoch {checkpoint.epoch} has ended")


def _writes(
    changes: Mapping[Key, Any], partition: int
) -> dict[str, list[ReplaceOne[Document] | DeleteOne]]:
    writes: dict[str, list[ReplaceOne[Document] | DeleteOne]] = {}
    for key, document in changes.items():
        kind, id = key
        operation = (
            DeleteOne({"_id": id})
            if document is None
            else ReplaceOne({"_id": id}, to_bson(key, document, partition), upsert=True)
        )
        writes.setdefault(kind.name, []).append(operation)
    return writes
