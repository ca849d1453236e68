"""Talk graphs in MongoDB, read for REST; the stage's runtime writes them."""

from __future__ import annotations

from services.scoring.talk.graph import TalkGraph
from services.scoring.talk.stage import TALK_GRAPHS, graph_id
from shared.events import TenantId
from shared.mongo import Database
from shared.stream.documents import stored


class TalkStore:
    """The talk graphs of all tenants. Every method raises PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._graphs = database[TALK_GRAPHS.name]

    async def graph(self, tenant: TenantId, group: str) -> TalkGraph | None:
        """Return the talk graph of a tenant's group."""
        raw = await self._graphs.find_one({"_id": graph_id(tenant, group)})
        return None if raw is None else stored(TALK_GRAPHS, raw)
