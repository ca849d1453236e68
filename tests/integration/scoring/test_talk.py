"""The talk stage as a part of the service: messages through Kafka, key people and parts by REST."""

from __future__ import annotations

import httpx

from shared.settings import Settings
from tests.integration.scoring.test_profiles import until
from tests.integration.scoring.test_scores import answer, client, publish, said

__all__ = ["client"]


async def test_a_group_s_key_people_and_parts_are_told_and_explained(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    talk = [
        said(n, f"member-{n % 5 + 1}", group="talk", reply_to_member="member-0") for n in range(40)
    ]
    await publish(settings, talk)
    path = "/v1/groups/talk"
    await answer(client, path, messages=40)
    await until(client, f"{path}/talk", 6, "people")  # another stage, which flushes by itself
    found = await answer(client, f"{path}/key-people")
    assert found["items"][0]["member"] == "member-0"
    explained = (await client.get(f"{path}/key-people", params={"explain": True})).json()
    assert explained["items"][0]["explain"] == {"addressed": 1, "between": 1, "partners": 5}
    parts = (await client.get(f"{path}/parts", params={"limit": 3, "explain": True})).json()
    assert len(parts["items"]) == 3
    assert parts["next"]
    assert all(0 <= item["confidence"] <= 1 for item in parts["items"])
    assert (await client.get("/v1/groups/none/key-people")).status_code == 404
    lines = (await client.get(f"{path}/talk", params={"limit": 2})).json()
    assert lines["people"] == 6
    weights = [line["weight"] for line in lines["items"]]
    assert len(weights) == 2
    assert weights == sorted(weights, reverse=True)
    activity = (await client.get(f"{path}/activity")).json()
    assert sum(day["messages"] for day in activity["days"]) == 40
    assert sum(map(sum, activity["hours"])) == 40
