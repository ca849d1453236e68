"""`steward migrate` makes what is missing, and nothing twice."""

from __future__ import annotations

from typing import Any

from shared.mongo import connect
from shared.settings import Settings
from shared.stream.documents import due_before
from shared.stream.topics import check_topics
from shared.topics import Topic
from steward.migrate import migrate


async def inventory(settings: Settings) -> dict[str, Any]:
    """Return collections with their indexes, and how many partitions the topics have."""
    names = [settings.topic(topic) for topic in Topic]
    async with connect(settings) as client:
        database = client[settings.database]
        indexes = {
            name: await database[name].index_information()
            for name in sorted(await database.list_collection_names())
        }
    return {"partitions": await check_topics(settings, names), "indexes": indexes}


async def test_a_second_run_changes_nothing(settings: Settings) -> None:
    first = await inventory(settings)
    assert first["partitions"] == settings.partitions
    assert {"checkpoints", "members", "groups", "flags", "deliveries"} <= set(first["indexes"])
    assert "due" in first["indexes"]["deliveries"]
    await migrate(settings)
    assert await inventory(settings) == first


async def test_what_was_lost_is_made_again(settings: Settings) -> None:
    first = await inventory(settings)
    async with connect(settings) as client:
        await client[settings.database].drop_collection("flags")
    await migrate(settings)
    assert await inventory(settings) == first


async def test_the_sweep_for_due_documents_uses_its_index(settings: Settings) -> None:
    async with connect(settings) as client:
        deliveries = client[settings.database]["deliveries"]
        documents = [{"_id": n, "partition": n % 4, "due_at": n} for n in range(500)]
        await deliveries.insert_many(documents)
        plan = await deliveries.find(due_before(3, 1_000)).sort("due_at").explain()
    assert "due" in str(plan["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
