"""The durable documents of one partition, as its stage sees them between two flushes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

import bson
import msgspec

from shared.mongo import Document
from shared.stream.contracts import D, Documents, Key, Kind

PACKED: Final = "state"
"""The field that holds a packed document."""
_PACK: Final = msgspec.msgpack.Encoder().encode
MOST_BYTES: Final = 16 * 1024 * 1024
"""What MongoDB takes as one document."""


class Unreadable:
    """Stands for a stored document that does not fit its struct."""

    def __init__(self, error: msgspec.DecodeError) -> None:
        self.error = error


class DocumentCache(Documents):
    """A bounded LRU cache of loaded documents, with everything that changed since the flush.

    Inputs are applied one at a time between `begin` and `keep` (or `discard`),
    so a failing input leaves nothing behind. `None` is a document that is known
    to be absent.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._loaded: OrderedDict[Key, Any] = OrderedDict()
        self._changed: dict[Key, Any] = {}
        self._frozen: dict[Key, Any] = {}
        self._draft: dict[Key, Any] = {}
        self._named: frozenset[Key] | tuple[Key, ...] = ()

    def missing(self, keys: Iterable[Key]) -> dict[Kind[Any], list[str]]:
        """Return which of the documents are to be loaded, by kind."""
        wanted: dict[Kind[Any], list[str]] = {}
        for key in dict.fromkeys(keys):
            if key[0].borrows is not None:
                wanted.setdefault(key[0], []).append(key[1])
            elif key in self._loaded:
                self._loaded.move_to_end(key)
            elif key not in self._changed and key not in self._frozen:
                wanted.setdefault(key[0], []).append(key[1])
        return wanted

    def learn(self, kind: Kind[Any], ids: Iterable[str], found: Mapping[str, Document]) -> None:
        """Take in what MongoDB answered for these ids."""
        for id in ids:
            raw = found.get(id)
            self._loaded[kind, id] = None if raw is None else from_bson(kind, raw)

    def current(self, kind: Kind[D], found: Mapping[str, Document]) -> dict[str, D]:
        """Return documents that MongoDB found as they are by now, but for the unreadable.

        Only while nothing is frozen: what has changed since is in memory then.
        """
        assert not self._frozen, "MongoDB may be behind what it is being told"
        unchanged = [id for id in found if (kind, id) not in self._changed]
        self.learn(kind, unchanged, found)
        every = {id: self._changed.get((kind, id), self._loaded.get((kind, id))) for id in found}
        return {id: one for id, one in every.items() if isinstance(one, kind.type)}

    def trim(self) -> None:
        """Let go of the documents that were not used for longest."""
        while len(self._loaded) > self._capacity:
            self._loaded.popitem(last=False)

    def begin(self, keys: tuple[Key, ...]) -> None:
        """Start an input that named these keys."""
        self._named = keys
        self._draft = {}

    def check(self, partition: int) -> None:
        """Raise what keeps MongoDB from storing what this input put, if anything does."""
        for key, document in self._draft.items():
            if document is not None and (
                len(bson.encode(to_bson(key, document, partition))) > MOST_BYTES
            ):
                raise ValueError(f"{key[0].name}/{key[1]} would exceed {MOST_BYTES} bytes")

    def keep(self) -> None:
        """End the input: what it put counts."""
        self._changed.update(self._draft)
        self._draft = {}

    def discard(self) -> None:
        """End the input: what it put is forgotten."""
        self._draft = {}

    def get(self, kind: Kind[D], id: str) -> D | None:
        key = (kind, id)
        if key in self._draft:
            found = self._draft[key]
        elif key not in self._named:
            raise KeyError(f"{kind.name}/{id} is not among the keys of this input")
        elif key in self._changed:
            found = self._changed[key]
        elif key in self._frozen:
            found = self._frozen[key]
        else:
            found = self._loaded[key]
        if isinstance(found, Unreadable):
            raise found.error
        document: D | None = found
        return document

    def put(self, kind: Kind[D], id: str, document: D) -> None:
        assert kind.borrows is None, "it has another owner"
        self._draft[kind, id] = document

    def remove(self, kind: Kind[Any], id: str) -> None:
        self._draft[kind, id] = None

    @property
    def changes(self) -> Mapping[Key, Any]:
        """What is to be written: documents by key, `None` for those to delete."""
        return self._changed

    def freeze(self) -> Mapping[Key, Any]:
        """Return what is to be written now; what changes from here on is for the next time."""
        assert not self._frozen, "the last changes were not written yet"
        self._frozen, self._changed = self._changed, {}
        return self._frozen

    def flushed(self) -> None:
        """What was frozen is in MongoDB now."""
        self._loaded.update(self._frozen)
        self._frozen = {}
        self.trim()


def to_bson(key: Key, document: msgspec.Struct, partition: int) -> Document:
    """Return a document as MongoDB keeps it, with its `_id` and its owner's partition."""
    kind, id = key
    if kind.shown:
        raw: Document = {"_id": id, "partition": partition}
        for name in kind.shown:
            raw[name] = getattr(document, name)
        raw[PACKED] = _PACK(document)
        return raw
    fields: Document = msgspec.to_builtins(document, builtin_types=(datetime, bytes))
    return {"_id": id, "partition": partition, **fields}


def due_before(partition: int, now: int) -> Document:
    """Return the query for a partition's timed documents that are due.

    The lower bound says what the partial index `due` says; without it MongoDB
    would read the whole collection.
    """
    return {"partition": partition, "due_at": {"$gt": 0, "$lte": now}}


def stored(kind: Kind[D], raw: Document) -> D:
    """Return the struct for what MongoDB keeps, packed or not.

    Raises `msgspec.DecodeError` for what does not fit the struct.
    """
    packed = raw.get(PACKED) if kind.shown else None
    if packed is None:
        return msgspec.convert(raw, kind.type)
    document: D = _unpacker(kind.type).decode(packed)
    return document


def from_bson(kind: Kind[D], raw: Document) -> D | Unreadable:
    """Return the struct for what MongoDB keeps, or why it cannot be read."""
    try:
        return stored(kind, raw)
    except msgspec.DecodeError as error:
        return Unreadable(error)


@cache
def _unpacker(type_: type[D]) -> msgspec.msgpack.Decoder[D]:
    return msgspec.msgpack.Decoder(type_)
