"""Notify's REST API: endpoints, deliveries, and the walls between tenants."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.events import TenantId
from shared.settings import Settings
from tests.integration.notify.harness import Notify, Receiver, notifying, receiving

URL = "https://hooks.example.com/steward"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


@pytest.fixture
async def notify(settings: Settings) -> AsyncIterator[Notify]:
    async with notifying(settings) as one:
        yield one


async def test_an_endpoint_is_created_changed_and_removed(notify: Notify) -> None:
    http = notify.http
    created = (await http.post("/endpoints", json={"url": URL, "kinds": ["member.*"]})).json()
    assert created["secret"].startswith("whsec_")
    id = created["id"]
    told = (await http.get(f"/endpoints/{id}")).json()
    assert "secret" not in told
    assert told["kinds"] == ["member.*"]
    assert (await http.get(f"/endpoints/{id}/secret")).json()["secret"] == created["secret"]
    changed = await http.patch(f"/endpoints/{id}", json={"groups": ["g1"], "enabled": False})
    assert (changed.json()["groups"], changed.json()["enabled"]) == (["g1"], False)
    assert changed.json()["url"] == URL
    rotated = (await http.post(f"/endpoints/{id}:rotate")).json()["secret"]
    assert rotated != created["secret"]
    assert (await http.get(f"/endpoints/{id}/secret")).json()["secret"] == rotated
    assert (await http.delete(f"/endpoints/{id}")).status_code == 204
    assert (await http.get(f"/endpoints/{id}")).status_code == 404
    assert (await http.delete(f"/endpoints/{id}")).status_code == 404
    assert (await http.get("/endpoints")).json()["items"] == []


async def test_endpoints_come_in_pages(notify: Notify) -> None:
    made = [
        (await notify.http.post("/endpoints", json={"url": URL})).json()["id"] for _ in range(5)
    ]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await notify.http.get("/endpoints", params=query)).json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == sorted(made)


BAD_ENDPOINTS: list[tuple[dict[str, Any], str]] = [
    ({}, "/url"),
    ({"url": "http://10.0.0.1/"}, "/url"),
    ({"url": "ftp://example.com/"}, "/url"),
    ({"url": URL, "kinds": ["message.sing"]}, "/kinds/0"),
    ({"url": URL, "kinds": []}, "/kinds"),
    ({"url": URL, "labels": ["nonsense"]}, "/labels/0"),
    ({"url": URL, "timeout_seconds": 61}, "/timeout_seconds"),
    ({"url": URL, "credential": "xoxb-1"}, "/credential"),
    ({"url": URL, "type": "carrier_pigeon"}, "/type"),
    ({"url": URL, "secret": "whsec_mine"}, "/secret"),
]


async def test_a_bad_endpoint_is_refused_with_the_place(notify: Notify) -> None:
    for body, place in BAD_ENDPOINTS:
        answer = await notify.http.post("/endpoints", json=body)
        assert answer.status_code == 422, body
        assert answer.headers["content-type"] == "application/problem+json"
        assert [each["pointer"] for each in answer.json()["errors"]] == [place]


async def test_another_tenant_sees_and_moves_nothing(notify: Notify, receiver: Receiver) -> None:
    created = await notify.endpoint(receiver.url)
    await notify.act(1)
    [ended] = await notify.ended(1)
    other = await notify.key_of(TenantId("other"))
    for method, path in [
        ("GET", f"/endpoints/{created['id']}"),
        ("GET", f"/endpoints/{created['id']}/secret"),
        ("DELETE", f"/endpoints/{created['id']}"),
        ("POST", f"/endpoints/{created['id']}:rotate"),
        ("GET", f"/deliveries/{ended['id']}"),
        ("POST", f"/deliveries/{ended['id']}:replay"),
    ]:
        answer = await notify.http.request(method, path, headers=other)
        assert answer.status_code == 404, (method, path)
    for path in ("/endpoints", "/deliveries", "/delivery-stats"):
        assert (await notify.http.get(path, headers=other)).json()["items"] == []
    nobody = await notify.http.get("/endpoints", headers={"authorization": "Bearer sk_no"})
    assert nobody.status_code == 401


async def test_deliveries_are_filtered_paged_and_counted(
    notify: Notify, receiver: Receiver
) -> None:
    created = await notify.endpoint(receiver.url)
    await notify.act(*range(5))
    await notify.act(5, 6, kind="member.mute")
    ended = await notify.ended(7)
    assert len(await notify.deliveries(kind="member.mute")) == 2
    assert len(await notify.deliveries(endpoint=created["id"], state="succeeded")) == 7
    assert await notify.deliveries(state="dead") == []
    assert await notify.deliveries(since="2999-01-01T00:00:00Z") == []
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = (await notify.http.get("/deliveries", params=query)).json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == [each["id"] for each in ended]
    assert (await notify.http.get("/deliveries", params={"cursor": "!"})).status_code == 422
    [stats] = (await notify.http.get("/delivery-stats")).json()["items"]
    assert (stats["endpoint"], stats["state"]) == (created["id"], "succeeded")
    assert (stats["deliveries"], stats["attempts"]) == (7, 7)
    metrics = (await notify.http.get("http://notify/metrics")).text
    assert 'steward_notify_deliveries_total{state="succeeded"}' in metrics
