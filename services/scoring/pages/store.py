"""Pages of a collection in an order, each read from an index from where the last one ended."""

from __future__ import annotations

from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.collection import AsyncCollection

from services.scoring.ordering import SortKey
from shared.mongo import Document
from shared.web.paging import Place

_FURTHER: Final = {1: "$gt", -1: "$lt"}


def sort_index(*scope: str, key: SortKey) -> IndexModel:
    """Return the index for pages of what agrees in the `scope`, sorted by `key` either way."""
    fields = [(name, ASCENDING) for name in scope]
    order = [(key.path, DESCENDING), ("_id", ASCENDING)]
    only = {"partialFilterExpression": {key.path: {"$gt": 0}}} if key.sparse else {}
    return IndexModel([*fields, *order], **only)


async def page(
    collection: AsyncCollection[Document],
    scope: Document,
    key: SortKey,
    direction: int,
    after: Place | None,
    limit: int,
) -> list[Document]:
    """Return the next documents of a scope; equals are sorted by `_id` the other way round.

    Behind a place lie the rest of its equals and then what comes further. Each is a
    range of the index, so a page costs what it holds, wherever it lies.
    """
    if key.path == "_id":
        return await _by_id(collection, scope, direction, after, limit)
    bounds: Document = {"$gt": 0} if key.sparse else {}
    found: list[Document] = []
    if after is not None:
        value, id = after
        equals = {**scope, key.path: value, "_id": {_FURTHER[-direction]: id}}
        found = await collection.find(equals).sort("_id", -direction).limit(limit).to_list()
        bounds = _narrowed(bounds, direction, value)
    if len(found) < limit:
        further = {**scope, key.path: bounds} if bounds else scope
        order = [(key.path, direction), ("_id", -direction)]
        rest = collection.find(further).sort(order).limit(limit - len(found))
        found += await rest.to_list()
    return found


def _narrowed(bounds: Document, direction: int, value: float) -> Document:
    """Return the bounds beyond a value; a rising order is above 0 anyway."""
    return {"$gt": value} if direction > 0 else {**bounds, "$lt": value}


async def _by_id(
    collection: AsyncCollection[Document],
    scope: Document,
    direction: int,
    after: Place | None,
    limit: int,
) -> list[Document]:
    """The `scope` holds the bounds of the `_id`, which are narrowed to what comes behind."""
    within: dict[str, Any] = dict(scope["_id"])
    if after is not None:
        within[_FURTHER[direction]] = after[1]
    query = {**scope, "_id": within}
    return await collection.find(query).sort("_id", direction).limit(limit).to_list()
