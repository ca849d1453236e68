"""Appeals that come too late are refused at once, whether there is a case or not."""

from __future__ import annotations

from typing import Any

import httpx

from services.rules.appeals import SHIPPED
from shared.mongo import connect
from shared.settings import Settings
from tests.integration.rules.test_review import client, listed, post, until
from tests.integration.rules.test_rules import LURE, flagged, publish, said

__all__ = ["client"]


async def made_long_ago(settings: Settings, flag: str) -> None:
    """Let a flag have been made a second longer ago than it may be appealed against."""
    back = {"time": -SHIPPED.within - 1000, "made_at": -SHIPPED.within - 1000}
    async with connect(settings) as mongo:
        changed = await mongo[settings.database]["flags"].update_one({"_id": flag}, {"$inc": back})
    assert changed.modified_count == 1


async def appeal(client: httpx.AsyncClient, flag: str) -> httpx.Response:
    return await client.post(f"/v1/flags/{flag}:appeal", json={"note": "这是误会"})


async def test_a_late_appeal_is_refused_with_the_reason_and_opens_no_case(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    await publish(settings, [said(1, LURE), said(2, LURE + "快来", member="m2")])
    late, early = sorted(each["id"] for each in await flagged(client, 2))
    await made_long_ago(settings, late)
    answer = await appeal(client, late)
    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["detail"] == "The time to appeal is over."
    accepted = await appeal(client, early)
    assert accepted.status_code == 202
    (case,) = await listed(client, "cases", 1)
    assert case["flag"] == early
    again = await appeal(client, early)
    assert again.json()["detail"] == "An appeal was made already; there is one."


async def test_a_moderator_may_still_look_at_what_is_too_old_to_be_appealed_against(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    await publish(settings, [said(1, LURE)])
    (flag,) = await flagged(client, 1)
    await made_long_ago(settings, flag["id"])
    opened: dict[str, Any] = await post(client, f"flags/{flag['id']}:review", moderator="anna")
    await until(client, f"cases/{opened['case']}", state="open")
    await post(client, f"cases/{opened['case']}:overturn", moderator="anna")
    await until(client, f"cases/{opened['case']}", state="overturned")
