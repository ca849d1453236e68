"""Word lists by REST: in force in every replica, named in verdicts, of one tenant alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from services.rules.app import create_app
from shared.settings import Settings
from shared.web.serve import server
from steward.word_lists import fetched_lists
from tests.integration.rules.test_rule_sets import until
from tests.integration.rules.test_rules import client, key_of, publish, running, said

__all__ = ["client"]

PATH = "/v1/lists/political"
TEXT = "今晚说说红.色.暗.号"
BODY = {"words": ["红色暗号"], "exceptions": ["红色暗号灯"], "note": "from legal"}


def named(client: httpx.AsyncClient, version: str | None) -> Callable[[], Awaitable[bool]]:
    """Return whether a check of the text names this version of the list, or finds nothing."""

    async def look() -> bool:
        answer = (await client.post("/v1/check", json={"text": TEXT})).raise_for_status().json()
        values = {name: value for hit in answer["hits"] for name, value in hit["values"].items()}
        return values.get("list.political.version") == version

    return look


async def test_a_list_is_in_force_in_every_replica_and_names_itself_in_flags(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    async with running(settings) as other:
        told = (await client.put(PATH, json=BODY)).raise_for_status().json()
        version = told["version"]
        assert (told["size"], told["note"]) == (1, "from legal")
        await until(named(client, version))
        await until(named(other, version))
        again = (await client.put(PATH, json=BODY)).json()
        assert again == told, "what says the same is the same"
        events = [said(1, TEXT), said(2, TEXT, tenant="other"), said(3, "红色暗号灯亮了")]
        await publish(settings, events)
        await until(lambda: _flagged(client))
        (flag,) = (await client.get("/v1/flags")).json()["items"]
        assert flag["labels"] == ["political"]
        assert flag["hits"][0]["values"]["list.political.version"] == version

        changed = (await client.put(PATH, json={"words": ["别的词语"]})).json()
        assert changed["version"] != version
        await until(named(other, None))
        assert (await client.delete(PATH)).status_code == 204
        assert (await client.delete(PATH)).status_code == 204, "a repeated request does no harm"
        assert (await client.get(PATH)).status_code == 404
    await until(lambda: _logged(client, ["word_list.put", "word_list.put", "word_list.removed"]))


async def _flagged(client: httpx.AsyncClient) -> bool:
    return bool((await client.get("/v1/flags")).json()["items"])


async def _logged(client: httpx.AsyncClient, expected: list[str]) -> bool:
    log = (await client.get("/v1/audit")).raise_for_status().json()["items"]
    told = [each["what"] for each in reversed(log)]
    return [what for what in told if what.startswith("word_list.")] == expected


async def test_a_list_that_was_removed_can_be_put_again(client: httpx.AsyncClient) -> None:
    version = (await client.put(PATH, json=BODY)).json()["version"]
    await until(named(client, version))
    await client.delete(PATH)
    await until(named(client, None))
    assert (await client.put(PATH, json=BODY)).json()["version"] == version
    await until(named(client, version))


async def test_a_tenant_sees_its_own_lists_only(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    await client.put(PATH, json=BODY)
    other = await key_of(settings, "other")
    assert (await client.get("/v1/lists", headers=other)).json() == {"items": [], "next": None}
    for method in ("GET", "DELETE"):
        assert (await client.request(method, PATH, headers=other)).status_code == 404
    whole = (await client.get(PATH)).json()
    assert (whole["words"], whole["exceptions"]) == (["红色暗号"], ["红色暗号灯"])


@pytest.mark.parametrize(
    ("name", "body", "pointer"),
    [
        ("political", {"words": ["好词", "的"]}, "/words/1"),
        ("political", {"words": ["好词"], "exceptions": ["!"]}, "/exceptions/0"),
        ("political", {"words": ["x" * 101]}, "/words/0"),
        ("political", {"words": ["好词"] * 5_001}, "/words"),
        ("political", {}, "/words"),
        ("political", {"words": [], "colour": 1}, "/colour"),
    ],
)
async def test_an_unusable_list_is_refused_with_its_place(
    client: httpx.AsyncClient, name: str, body: dict[str, object], pointer: str
) -> None:
    answer = await client.put(f"/v1/lists/{name}", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_name_is_one_that_conditions_can_say(client: httpx.AsyncClient) -> None:
    assert (await client.put("/v1/lists/No.Name", json=BODY)).status_code == 422


async def test_a_tenant_has_at_most_20_lists(client: httpx.AsyncClient) -> None:
    for n in range(20):
        assert (await client.put(f"/v1/lists/l{n}", json=BODY)).status_code == 200
    assert (await client.put("/v1/lists/more", json=BODY)).status_code == 409
    assert (await client.put("/v1/lists/l3", json={"words": []})).status_code == 200
    await client.delete("/v1/lists/l4")
    assert (await client.put("/v1/lists/more", json=BODY)).status_code == 200


async def test_a_command_takes_the_tenant_s_lists_from_the_service(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    version = (await client.put(PATH, json=BODY)).json()["version"]
    await client.put("/v1/lists/rivals", json={"words": ["别家"]})
    other = (await key_of(settings, "other"))["authorization"].removeprefix("Bearer ")
    async with served(settings) as url:
        key = client.headers["authorization"].removeprefix("Bearer ")
        lists = await asyncio.to_thread(fetched_lists, url, key)
        assert lists.versions.keys() == {"political", "rivals"}
        assert lists.versions["political"] == version
        assert (await asyncio.to_thread(fetched_lists, url, other)).versions == {}
        with pytest.raises(httpx.HTTPStatusError):
            await asyncio.to_thread(fetched_lists, url, "sk_wrong")


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """Run the service on a socket; give where it is."""
    serving = server(create_app(settings), settings, 0)
    task = asyncio.create_task(serving.serve())
    try:
        await until(lambda: asyncio.sleep(0, serving.started))
        yield f"http://127.0.0.1:{serving.servers[0].sockets[0].getsockname()[1]}"
    finally:
        serving.should_exit = True
        await task
