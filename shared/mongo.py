"""The connection to MongoDB: one client a process, the same options everywhere."""

from __future__ import annotations

from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from shared.settings import Settings

Document = dict[str, Any]
Database = AsyncDatabase[Document]
Client = AsyncMongoClient[Document]


def connect(settings: Settings) -> Client:
    """Return a client that has not connected yet; the first operation does.

    Server selection gives up after 5 s, so that a request is answered with 503
    while MongoDB is away instead of waiting.
    """
    return AsyncMongoClient(
        settings.mongo.get_secret_value(),
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        socketTimeoutMS=30_000,
        retryWrites=True,
        w="majority",
        appname="steward",
    )
